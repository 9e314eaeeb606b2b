import type { ConnectionCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notAllowed } from '../errors.ts';
import { decide } from '../policy/decide.ts';
import { connectionUrl } from '../policy/policy-urls.ts';
import { verdictWords } from '../policy/rule-words.ts';
import { PUBLISHING_TOOLS } from '../policy/tool-names.ts';
import type { Tool } from './define-tool.ts';

/**
 * What the team's rules say about calling this tool at all. A tool that puts posts on the calendar is only refused here:
 * which channel needs a person is decided where the channels are known.
 * @throws AppError NotAllowed: `policy_denied`, or `needs_person` for what a person must do themselves
 */
export async function assertPolicy(
  context: Pick<Context, 'policies' | 'publicUrl'>,
  tool: Pick<Tool, 'name'>,
  { teamId, clientId, connectionId, policyVersion }: ConnectionCaller,
): Promise<void> {
  const known = context.policies.tableOf(teamId, policyVersion);
  // Nearly always they are known, and a call need not wait.
  const table = known instanceof Promise ? await known : known;
  const request = { clientId, connectionId, tool: tool.name, channelId: null, kind: 'tool' } as const;
  const verdict = decide(table, request);
  if (verdict.effect === 'allow') return;
  // What a rule says about a tool alone names no time.
  const words = verdictWords(verdict, 'UTC');
  const page = `${connectionUrl(context, connectionId)} in the dashboard`;
  if (verdict.effect === 'deny') {
    throw notAllowed({
      code: 'policy_denied',
      ruleId: verdict.rule,
      message: `A rule of the team does not allow it: ${words}.`,
      nextStep: `Do not call this again. Tell the person; what this connection may do is on ${page}.`,
    });
  }
  if (PUBLISHING_TOOLS.includes(tool.name)) return;
  throw notAllowed({
    code: 'needs_person',
    ruleId: verdict.rule,
    message: `A rule of the team leaves this to a person: ${words}.`,
    nextStep: `Ask the person to do it in the dashboard, or to have the rule changed: it is named on ${page}.`,
  });
}
