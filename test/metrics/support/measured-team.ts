import { randomBytes } from 'node:crypto';

import { sealCredentials } from '../../../server/channels/credentials.ts';
import type { Context } from '../../../server/context.ts';
import { newId } from '../../../server/ids.ts';
import type { PublishingTeam } from '../../publishing/fixtures.ts';
import type { FakeAppview } from '../../support/fakes/fake-appview.ts';

/** A Bluesky channel of the team whose numbers the fake tells. `accessJwt`: another token than the one it takes. */
export async function createMeasuredChannel(
  context: Context,
  { team }: PublishingTeam,
  fake: FakeAppview,
  accessJwt: string = fake.accessJwt,
): Promise<string> {
  const id = newId('channel');
  const key = { teamId: team.id, channelId: id };
  const credentials = JSON.stringify({ serviceUrl: fake.url, accessJwt, refreshJwt: 'refresh-token' });
  await context.db.channel.create({
    data: {
      id,
      teamId: team.id,
      network: 'bluesky',
      handle: 'alice.test',
      remoteAccountId: `did:plc:${id.slice(-24)}`,
      credentials: sealCredentials(context, key, credentials),
    },
  });
  return id;
}

export interface PublishedInput {
  channelId: string;
  /** More than one delivery of a post: that of the first. */
  postId?: string;
  campaignId?: string;
  remoteId?: string;
  /** Before now. */
  hoursAgo?: number;
  /** An instant instead of hoursAgo. */
  publishedAt?: Date;
  text?: string;
}

export interface Published {
  id: string;
  postId: string;
  remoteId: string;
}

/** What the publishing engine leaves of a post that went out. */
export async function insertPublished(
  context: Context,
  team: PublishingTeam,
  input: PublishedInput,
): Promise<Published> {
  const { channelId, hoursAgo = 0, publishedAt = null, text = 'Hello' } = input;
  const teamId = team.team.id;
  const id = newId('delivery');
  const postId = input.postId ?? newId('post');
  const remoteId = input.remoteId ?? `at://did:plc:abc/app.bsky.feed.post/${randomBytes(6).toString('hex')}`;
  const campaignId = input.campaignId ?? team.campaignId;
  await context.db.$transaction(async (tx) => {
    if (!input.postId) {
      await tx.post.create({ data: { id: postId, teamId, campaignId, createdByPersonId: team.person.id } });
      const contentHash = new Uint8Array(32);
      await tx.postRevision.create({ data: { teamId, postId, rev: 1, text, contentHash } });
    }
    await tx.caption.create({ data: { teamId, postId, rev: 1, channelId, parts: [text] } });
    await tx.$executeRaw`
      insert into delivery (id, team_id, post_id, channel_id, rev, state, due_at, not_before, not_after, scheduled_at,
        scheduled_by_person_id, remote_id, remote_url, published_at)
      select ${id}, ${teamId}, ${postId}, ${channelId}, 1, 'published', at, at, at, at, ${team.person.id}, ${remoteId},
        'https://example.com/', at
      from (select coalesce(${publishedAt}::timestamptz,
        clock_timestamp() - make_interval(secs => ${hoursAgo * 3600}::float8)) as at) as times`;
  });
  return { id, postId, remoteId };
}

/** Hours from publishing to the next look by PostgreSQL's clock, two decimals; Infinity: never, null: the first. */
export async function readNextLookHours(context: Context, deliveryId: string): Promise<number | null> {
  const [row] = await context.db.$queryRaw<{ hours: number | null }[]>`
    select case when metrics_due_at = 'infinity' then 'Infinity'
      else round(extract(epoch from metrics_due_at - published_at)::numeric / 3600, 2) end::float8 as hours
    from delivery where id = ${deliveryId}`;
  return row!.hours;
}

export async function readLooks(context: Context, deliveryId: string) {
  return context.db.metricSnapshot.findMany({ where: { deliveryId }, orderBy: { capturedAt: 'asc' } });
}
