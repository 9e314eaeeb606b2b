import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { capsOn, judgePublishing } from '../policy/judge-publishing.ts';
import type { PolicyTable } from '../policy/policy-table.ts';
import { verdictWords } from '../policy/rule-words.ts';
import { beginSend, type BeginSendOutcome, type SendIntent, type SendVerdict } from './begin-send.ts';
import type { ClaimedDelivery, DeliveryAuthority } from './claim-delivery.ts';
import { PROBLEMS } from './problems.ts';

/** Rules that change more often than this while one post waits to leave are let settle first. */
const MAX_DECISIONS = 5;

/**
 * The team's rules and the guard: decides, and begins the send under the very rules that were decided by. When somebody
 * changes them in between, it is decided again.
 * @returns as `beginSend`; `policy_changed` only when the rules do not come to rest
 */
export async function passSendGuard(
  context: Context,
  delivery: ClaimedDelivery,
  intent: SendIntent,
): Promise<BeginSendOutcome> {
  let table = await context.policies.tableOf(delivery.teamId, delivery.policyVersion);
  for (let decisions = 1; ; decisions += 1) {
    const outcome = await decideAndBegin(context, delivery, intent, table);
    if (outcome !== 'policy_changed' || decisions === MAX_DECISIONS) return outcome;
    table = await context.policies.readTable(delivery.teamId);
  }
}

/**
 * Under a cap the sends of a channel begin one after the other: a statement that began before another's commit would not
 * count it. The lock comes before every row that the send locks.
 */
async function decideAndBegin(
  context: Context,
  delivery: ClaimedDelivery,
  intent: SendIntent,
  table: PolicyTable,
): Promise<BeginSendOutcome> {
  const { authority, channelId } = delivery;
  // Rules are about connections; what a person sends may be stopped all the same, which their version tells.
  if (!authority) return beginSend(context, { ...delivery, policyVersion: table.version }, intent, null);
  if (capsOn(table, { ...authority, channelId }).length === 0) {
    const verdict = await judgeSend(context.db, delivery, authority, table);
    return beginSend(context, delivery, intent, verdict);
  }
  return context.db.$transaction(async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`daily cap ${channelId}`}, 0))`;
    const verdict = await judgeSend(tx, delivery, authority, table);
    return beginSend({ config: context.config, db: tx }, delivery, intent, verdict);
  });
}

async function judgeSend(
  db: Pick<Transaction, '$queryRaw'>,
  { id, teamId, channelId }: ClaimedDelivery,
  { dueAtMs, ...authority }: DeliveryAuthority,
  table: PolicyTable,
): Promise<SendVerdict> {
  const verdicts = await judgePublishing(
    db,
    table,
    { ...authority, teamId, channelIds: [channelId], dueAt: new Date(dueAtMs) },
    { counted: 'sent', exceptDeliveryIds: [id] },
  );
  const verdict = verdicts.get(channelId)!;
  const code = verdict.effect === 'deny' ? 'policy_denied' : 'policy_needs_person';
  return {
    policyVersion: table.version,
    effect: verdict.effect,
    rule: verdict.rule,
    message: PROBLEMS[code].replace('.', `: ${verdictWords(verdict, authority.timeZone)}.`),
  };
}
