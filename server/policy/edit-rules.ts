import { recordActivity } from '../activity/record-activity.ts';
import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict, invalidInput, notAllowed, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { checkRule, type RuleFields, type RuleInput } from './check-rule.ts';
import { findRuleSummary, type RuleSummary } from './list-rules.ts';
import { mayChangeRulesOf } from './may-change-rules.ts';
import { writePublishingPolicy, type PublishingPolicy } from './publishing-policy.ts';

const MAX_RULES = 5_000;

/**
 * Adds a row to the team's table. It counts from the next call and the next send on.
 * @throws AppError InvalidInput (`invalid_rule`) naming the field; NotAllowed (`not_your_rules`); NotFound for a client,
 *   connection or channel that is not the team's; Conflict (`rule_exists`, `too_many_rules`)
 */
export async function addRule(context: Context, caller: PersonCaller, input: RuleInput): Promise<string> {
  return context.db.$transaction(async (tx) => {
    const { timeZone } = await lockRules(tx, caller);
    const fields = checkRule(input, timeZone);
    const connection = fields.connectionId ? await findConnection(tx, caller, fields.connectionId) : null;
    if (!mayChangeRulesOf(caller, connection)) throw notYourRules();
    if (caller.role !== 'owner' && fields.effect === 'allow') throw notYourRules();
    await assertStillToCome(tx, fields, timeZone);
    await assertKnown(tx, caller, fields);
    await assertNew(tx, caller, fields);
    const id = newId('policyRule');
    await tx.policyRule.create({
      data: { id, teamId: caller.teamId, createdById: caller.personId, ...fields },
    });
    await recordRule(tx, caller, 'policy.rule_added', id);
    return id;
  });
}

/**
 * Takes a row out of the team's table. What it stopped before stays stopped until a person acts.
 * @throws AppError NotFound; NotAllowed (`not_your_rules`)
 */
export async function removeRule(
  context: Context,
  caller: PersonCaller,
  ruleId: string,
): Promise<RuleSummary> {
  return context.db.$transaction(async (tx) => {
    await lockRules(tx, caller);
    const rule = await findRuleSummary(tx, caller, ruleId);
    if (!rule.mayRemove) throw notYourRules();
    await tx.policyRule.deleteMany({ where: { teamId: caller.teamId, id: ruleId } });
    await recordRule(tx, caller, 'policy.rule_removed', ruleId);
    return rule;
  });
}

/**
 * Sets what a connection publishes unasked, as its consent did. What somebody else ruled about it stays, but for an owner.
 * @throws AppError NotFound; NotAllowed (`not_your_rules`)
 */
export async function changePublishingPolicy(
  context: Context,
  caller: PersonCaller,
  connectionId: string,
  policy: PublishingPolicy,
): Promise<void> {
  await context.db.$transaction(async (tx) => {
    const { teamId, personId } = caller;
    await lockRules(tx, caller);
    const connection = await findConnection(tx, caller, connectionId);
    if (!mayChangeRulesOf(caller, connection)) throw notYourRules();
    const isOwner = caller.role === 'owner';
    await writePublishingPolicy(tx, { teamId, connectionId, personId, isOwner }, policy);
    await recordActivity(
      { db: tx },
      { caller, action: 'policy.publishing_changed', target: connectionId, result: 'ok' },
    );
  });
}

/** Raises the version, which holds up sends that are about to begin; they then decide by the new rules. */
async function lockRules(tx: Transaction, { teamId }: PersonCaller): Promise<{ timeZone: string }> {
  return tx.team.update({
    where: { id: teamId },
    data: { policyVersion: { increment: 1 } },
    select: { timeZone: true },
  });
}

async function findConnection(
  tx: Transaction,
  { teamId }: PersonCaller,
  id: string,
): Promise<{ personId: string }> {
  const connection = await tx.connection.findUnique({
    where: { teamId_id: { teamId, id } },
    select: { personId: true },
  });
  if (connection) return connection;
  throw notFound({
    code: 'not_found',
    field: 'who',
    message: 'There is no such connection in this team.',
  });
}

/** Today is not over. */
async function assertStillToCome(tx: Transaction, { afterAt }: RuleFields, timeZone: string): Promise<void> {
  if (afterAt === null) return;
  const [day] = await tx.$queryRaw<[{ hasPassed: boolean }]>`
    select ${afterAt}::timestamptz < date_trunc('day', clock_timestamp(), ${timeZone}) as "hasPassed"`;
  if (!day.hasPassed) return;
  throw invalidInput({
    code: 'invalid_rule',
    field: 'after_at',
    message: 'That day has passed. Choose a later one, or the condition Always.',
  });
}

async function assertKnown(
  tx: Transaction,
  { teamId }: PersonCaller,
  { clientId, channelId }: RuleFields,
): Promise<void> {
  const isClientKnown =
    clientId === null || (await tx.connection.findFirst({ where: { teamId, clientId } })) !== null;
  if (!isClientKnown)
    throw notFound({
      code: 'not_found',
      field: 'who',
      message: 'No client of that name is connected to this team.',
    });
  const isChannelKnown =
    channelId === null ||
    (await tx.channel.findUnique({ where: { teamId_id: { teamId, id: channelId } } })) !== null;
  if (!isChannelKnown)
    throw notFound({
      code: 'not_found',
      field: 'channel',
      message: 'There is no such channel in this team.',
    });
}

async function assertNew(tx: Transaction, { teamId }: PersonCaller, fields: RuleFields): Promise<void> {
  if (await tx.policyRule.findFirst({ where: { teamId, ...fields } })) {
    throw conflict({ code: 'rule_exists', message: 'There is such a rule already.' });
  }
  if ((await tx.policyRule.count({ where: { teamId } })) < MAX_RULES) return;
  throw conflict({
    code: 'too_many_rules',
    message: `A team has at most ${MAX_RULES} rules. Remove some that are no longer needed.`,
  });
}

async function recordRule(
  tx: Transaction,
  caller: PersonCaller,
  action: 'policy.rule_added' | 'policy.rule_removed',
  rule: string,
): Promise<void> {
  await recordActivity({ db: tx }, { caller, action, target: rule, result: 'ok', rule });
}

function notYourRules() {
  return notAllowed({
    code: 'not_your_rules',
    message:
      'Only an owner of the team makes these rules. You may make the rules of your own connections stricter.',
  });
}
