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
}

/** Writes a connection's publishing policy as rules of its own, in place of those it had. */
export async function writePublishingPolicy(
  tx: Transaction,
  { teamId, connectionId, personId }: PolicyOwner,
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
  await tx.policyRule.deleteMany({ where: { teamId, connectionId, tool: null } });
  await tx.policyRule.createMany({
    data: rules.map((rule) => ({
      ...{ id: newId('policyRule'), teamId, connectionId, createdById: personId },
      ...(rule as Pick<PolicyRule, 'condition' | 'effect'>),
    })),
  });
  await tx.team.update({ where: { id: teamId }, data: { policyVersion: { increment: 1 } } });
}
