import { decide, type PolicyRequest } from '../../server/policy/decide.ts';
import { createPolicyTable } from '../../server/policy/policy-table.ts';
import { CONDITIONS, EFFECTS, type PolicyRule } from '../../server/policy/policy-rule.ts';
import { printTarget, quantile } from './figures.ts';

const TOOLS = 27;
const CHANNELS = 20;
const CLIENTS = 10;
const RULES = 2_700;
const DECISIONS = 200_000;
const GOAL_MICROS = 50;

/** P2: one decision over a team's table of 27 tools and 2,700 rules, in process. */
export function benchPolicy(): void {
  const table = createPolicyTable(
    1,
    Array.from({ length: RULES }, (_, index) => ruleOf(index)),
  );
  for (let index = 0; index < DECISIONS / 10; index += 1) decide(table, requestOf(index));
  const micros: number[] = [];
  for (let index = 0; index < DECISIONS; index += 1) {
    const request = requestOf(index);
    const begunAt = process.hrtime.bigint();
    decide(table, request);
    micros.push(Number(process.hrtime.bigint() - begunAt) / 1_000);
  }
  const [p50, p99] = [quantile(micros, 0.5), quantile(micros, 0.99)];
  printTarget(
    'P2',
    `${TOOLS} tools, ${RULES} rules, ${DECISIONS} decisions: p50 ${p50.toFixed(1)} us, p99 ${p99.toFixed(1)} us`,
    `p99 <= ${GOAL_MICROS} us`,
    p99 <= GOAL_MICROS,
  );
}

function ruleOf(index: number): PolicyRule {
  const level = index % 3;
  return {
    id: `rul_${String(index).padStart(5, '0')}`,
    clientId: level === 1 ? `client-${index % CLIENTS}` : null,
    connectionId: level === 2 ? `con_${index % CLIENTS}` : null,
    tool: index % 4 === 0 ? null : `tool_${index % TOOLS}`,
    channelId: index % 5 === 0 ? null : `chn_${index % CHANNELS}`,
    condition: CONDITIONS[index % CONDITIONS.length]!,
    effect: EFFECTS[index % EFFECTS.length]!,
    postsPerDay: index % 7,
    quietFrom: '22:00',
    quietTo: '06:00',
    afterAt: new Date(Date.UTC(2036, 0, 1 + (index % 365))),
  };
}

function requestOf(index: number): PolicyRequest {
  const who = { clientId: `client-${index % CLIENTS}`, connectionId: `con_${index % CLIENTS}` };
  const tool = `tool_${index % TOOLS}`;
  if (index % 2 === 0) return { kind: 'tool', ...who, tool, channelId: null };
  return {
    kind: 'publishing',
    ...who,
    tool,
    channelId: `chn_${index % CHANNELS}`,
    mayPublish: true,
    dueAt: new Date(Date.UTC(2036, 6, 1)),
    wallTime: '12:00',
    postsThatDay: { connection: index % 5, client: index % 6, team: index % 7 },
    isFirstUse: index % 3 === 0,
  };
}
