import { createHash } from 'node:crypto';

import type { Context } from '../../server/context.ts';
import { notifyDue } from '../../server/deliveries/notify-due.ts';
import { newId } from '../../server/ids.ts';
import type { PublishingTeam } from '../publishing/fixtures.ts';
import type { DeliveryPlan } from './delivery-plan.ts';
import { patiently } from './patiently.ts';
import { PERSONALITIES } from './personalities.ts';

const LATE_LIMIT_SECONDS = 3600;

/** The channels of the campaign, by `network no`. */
export async function createCampaignChannels(
  { db }: Context,
  team: PublishingTeam,
  channelsPerNetwork: number,
): Promise<Map<string, string>> {
  const channels = PERSONALITIES.flatMap(({ id: network }) =>
    Array.from({ length: channelsPerNetwork }, (_, no) => ({ id: newId('channel'), network, no })),
  );
  await db.channel.createMany({
    data: channels.map(({ id, network }) => ({
      id,
      teamId: team.team.id,
      network,
      handle: id,
      remoteAccountId: id,
    })),
  });
  return new Map(channels.map(({ id, network, no }) => [`${network} ${no}`, id]));
}

/**
 * Schedules planned deliveries as a person who approved each would.
 * @returns their ids in the order of the plans
 */
export async function placePlanned(
  { db }: Context,
  team: PublishingTeam,
  channels: ReadonlyMap<string, string>,
  plans: readonly DeliveryPlan[],
  /** Told before a worker can see it. */
  name: (deliveryId: string, at: number) => void,
): Promise<string[]> {
  const { id: teamId } = team.team;
  const rows = plans.map((plan) => ({
    ...plan,
    id: newId('delivery'),
    postId: newId('post'),
    channelId: channels.get(`${plan.network} ${plan.channelNo}`)!,
    contentHash: new Uint8Array(createHash('sha256').update(JSON.stringify(plan.parts)).digest()),
  }));
  for (const [at, { id }] of rows.entries()) name(id, at);
  const byPerson = { createdByPersonId: team.person.id };
  await patiently(async () => {
    // A commit whose answer was lost is a commit.
    if ((await db.delivery.count({ where: { id: rows[0]!.id } })) > 0) return;
    await place();
  });
  return rows.map(({ id }) => id);

  function place() {
    return db.$transaction(async (tx) => {
      await tx.post.createMany({
        data: rows.map(({ postId }) => ({ id: postId, teamId, campaignId: team.campaignId, ...byPerson })),
      });
      await tx.postRevision.createMany({
        data: rows.map(({ postId, parts, contentHash }) => ({
          ...{ teamId, postId, rev: 1 },
          text: parts.join('\n'),
          contentHash,
        })),
      });
      await tx.caption.createMany({
        data: rows.map(({ postId, channelId, parts }) => ({ teamId, postId, rev: 1, channelId, parts })),
      });
      await tx.approval.createMany({
        data: rows.map(({ postId, contentHash }) => ({
          ...{ id: newId('approval'), teamId, postId, rev: 1, contentHash },
          personId: team.person.id,
          decision: 'approved',
        })),
      });
      await tx.$executeRaw`
      insert into delivery (id, team_id, post_id, channel_id, rev, state, due_at, not_before, not_after, scheduled_at,
        scheduled_by_person_id)
      select id, ${teamId}, post_id, channel_id, 1, 'scheduled', due, due,
        due + make_interval(secs => ${LATE_LIMIT_SECONDS}), clock_timestamp(), ${team.person.id}
      from unnest(${rows.map(({ id }) => id)}::text[], ${rows.map(({ postId }) => postId)}::text[],
          ${rows.map(({ channelId }) => channelId)}::text[], ${rows.map(({ dueInSeconds }) => dueInSeconds)}::float8[])
          as planned (id, post_id, channel_id, seconds),
        lateral (select clock_timestamp() + make_interval(secs => seconds) as due) as times`;
      await notifyDue(tx);
    });
  }
}
