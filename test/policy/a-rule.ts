import type { PublishingRequest, ToolRequest } from '../../server/policy/decide.ts';
import type { PolicyRule } from '../../server/policy/policy-rule.ts';

let made = 0;

/** A rule that is about everything, always, but for what is given. */
export function aRule(rule: Partial<PolicyRule>): PolicyRule {
  made += 1;
  return {
    id: `rul_${String(made).padStart(4, '0')}`,
    clientId: null,
    connectionId: null,
    tool: null,
    channelId: null,
    condition: 'always',
    effect: 'ask',
    postsPerDay: null,
    quietFrom: null,
    quietTo: null,
    afterAt: null,
    ...rule,
  };
}

/** A post of a connection that may publish unasked, on a channel it has used, at noon. */
export function aPublishing(request: Partial<PublishingRequest> = {}): PublishingRequest {
  return {
    kind: 'publishing',
    clientId: 'client-1',
    connectionId: 'con_1',
    tool: 'schedule_post',
    channelId: 'chn_1',
    mayPublish: true,
    dueAt: new Date('2036-12-01T12:00:00Z'),
    wallTime: '12:00',
    postsThatDay: { connection: 0, client: 0, team: 0 },
    isFirstUse: false,
    ...request,
  };
}

export function aCall(tool: string): ToolRequest {
  return { kind: 'tool', clientId: 'client-1', connectionId: 'con_1', tool, channelId: null };
}
