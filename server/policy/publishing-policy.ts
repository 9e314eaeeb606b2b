import type { Transaction } from '../database/client.ts';
import { newId } from '../ids.ts';
import type { PolicyRule } from './policy-rule.ts';

/** What a person allows a connection that may publish without asking. */
export interface PublishingPolicy {
  /** On these it publishes unasked; on the team's other channels a person is asked each time, on later ones at first. */
  channelIds: readonly string[];
  /** Posts a day on each channel, in the team's zone; more wait for a person. Null: no cap. */
  postsPerDay: number | null;
  /** From then on a person is asked. Null: never. */
  until: Date | null;
}

export interface PolicyOwner {
  teamId: string;
  connectionId: string;
  /** Who decided. */
  personId: string;
  /** An owner may replace what others ruled. */
  isOwner?: boolean;
}

/**
 * Writes a connection's publishing policy as rules of its own, in place of those that were written like this before.
 * Denials and quiet hours stay, and unless an owner asks so does what somebody else ruled. The team's row is locked by it:
 * whoever moves deliveries in the same transaction moves them first.
 */
export async function writePublishingPolicy(
  tx: Transaction,
  { teamId, connectionId, personId, isOwner = false }: PolicyOwner,
  policy: PublishingPolicy,
): Promise<void> {
  const channels = await tx.channel.findMany({
    where: { teamId, disconnectedAt: null },
    select: { id: true },
  });
  const rules: Partial<PolicyRule>[] = channels.map(({ id: channelId }) =>
    policy.channelIds.includes(channelId)
      ? { channelId, condition: 'first_use', effect: 'allow' }
      : { channelId, condition: 'always', effect: 'ask' },
  );
  const { postsPerDay, until } = policy;
  if (postsPerDay !== null) rules.push({ condition: 'daily_cap', effect: 'ask', postsPerDay });
  if (until) rules.push({ condition: 'after', effect: 'ask', afterAt: until });
  await tx.policyRule.deleteMany({
    where: { teamId, connectionId, ...PUBLISHING_RULES, ...(!isOwner && { createdById: personId }) },
  });
  await tx.policyRule.createMany({
    data: rules.map((rule) => ({
      ...{ id: newId('policyRule'), teamId, connectionId, createdById: personId },
      ...(rule as Pick<PolicyRule, 'condition' | 'effect'>),
    })),
  });
  await tx.team.update({ where: { id: teamId }, data: { policyVersion: { increment: 1 } } });
}

/** Of a connection's rules, those of its publishing policy. */
const PUBLISHING_RULES = {
  tool: null,
  OR: [
    { condition: 'first_use', effect: 'allow' },
    { condition: 'always', effect: 'ask', NOT: { channelId: null } },
    { condition: 'daily_cap', effect: 'ask', channelId: null },
    { condition: 'after', effect: 'ask', channelId: null },
  ],
};

/** The publishing policy that a connection's rules amount to on these channels. */
export function readPublishingPolicy(
  rules: readonly Omit<PolicyRule, 'id'>[],
  channelIds: readonly string[],
): PublishingPolicy {
  const own = rules.filter(({ tool, connectionId }) => tool === null && connectionId !== null);
  const find = (condition: PolicyRule['condition']) =>
    own.find((rule) => rule.condition === condition && rule.effect === 'ask' && rule.channelId === null);
  const says = (wanted: Pick<PolicyRule, 'condition' | 'effect'>, id: string) =>
    own.some(
      ({ condition, effect, channelId }) =>
        condition === wanted.condition &&
        effect === wanted.effect &&
        (channelId === null || channelId === id),
    );
  return {
    channelIds: channelIds.filter(
      (id) =>
        says({ condition: 'first_use', effect: 'allow' }, id) &&
        !says({ condition: 'always', effect: 'ask' }, id),
    ),
    postsPerDay: find('daily_cap')?.postsPerDay ?? null,
    until: find('after')?.afterAt ?? null,
  };
}
