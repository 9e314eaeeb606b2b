import { createHash } from 'node:crypto';

import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import type { Scope } from '../../server/scopes.ts';
import { allowPublishing } from '../support/allow-publishing.ts';
import { createOwner, type TestOwner } from '../support/test-context.ts';

export interface PublishingTeam extends TestOwner {
  campaignId: string;
  clientId: string;
}

export async function createPublishingTeam(context: Context): Promise<PublishingTeam> {
  const owner = await createOwner(context);
  const campaignId = newId('campaign');
  await context.db.campaign.create({
    data: {
      id: campaignId,
      teamId: owner.team.id,
      name: 'Launch',
      goal: 'Be seen',
      keyMessages: [],
      createdByPersonId: owner.person.id,
    },
  });
  const clientId = `client-${campaignId}`;
  await context.db.client.create({ data: { id: clientId, payload: {} } });
  return { ...owner, campaignId, clientId };
}

/** A connection of the team's owner; with posts:publish it may publish unasked on every channel. */
export async function createConnection(
  context: Context,
  team: PublishingTeam,
  scopes: Scope[] = ['schedule:write', 'posts:publish'],
): Promise<string> {
  const id = newId('connection');
  await context.db.connection.create({
    data: {
      id,
      teamId: team.team.id,
      personId: team.person.id,
      clientId: team.clientId,
      clientName: 'Editor',
      redirectHost: '127.0.0.1',
      scopes,
    },
  });
  if (scopes.includes('posts:publish')) {
    await allowPublishing(context, { teamId: team.team.id, connectionId: id, personId: team.person.id });
  }
  return id;
}

/** One more channel of the team. */
export async function createTestChannel(
  context: Pick<Context, 'db'>,
  { team }: Pick<TestOwner, 'team'>,
): Promise<string> {
  const id = newId('channel');
  const data = { id, teamId: team.id, network: 'playground', handle: 'own', remoteAccountId: id };
  await context.db.channel.create({ data });
  return id;
}

export interface DeliveryInput {
  parts?: string[];
  channelId?: string;
  /** The connection it is scheduled by; the team's owner in the browser when absent. */
  connectionId?: string;
  /** A person approved exactly this revision; by default when no connection schedules it. */
  isApproved?: boolean;
  /** Seconds from now; 0 unless given. */
  dueInSeconds?: number;
  lateLimitSeconds?: number;
}

export interface TestDelivery {
  id: string;
  postId: string;
  contentHash: Uint8Array<ArrayBuffer>;
}

/** A post of revision 1 on one channel, scheduled. */
export async function scheduleTestDelivery(
  context: Context,
  team: PublishingTeam,
  input: DeliveryInput = {},
): Promise<TestDelivery> {
  const { parts = ['Hello'], channelId = team.playgroundChannelId, connectionId, dueInSeconds = 0 } = input;
  const { isApproved = connectionId === undefined, lateLimitSeconds = 1800 } = input;
  const teamId = team.team.id;
  const [postId, id] = [newId('post'), newId('delivery')];
  const contentHash = new Uint8Array(createHash('sha256').update(JSON.stringify(parts)).digest());
  await context.db.$transaction(async (tx) => {
    await tx.post.create({
      data: { id: postId, teamId, campaignId: team.campaignId, createdByPersonId: team.person.id },
    });
    const text = parts.join('\n');
    await tx.postRevision.create({ data: { teamId, postId, rev: 1, text, contentHash } });
    await tx.caption.create({ data: { teamId, postId, rev: 1, channelId, parts } });
    if (isApproved) await decide(tx, team, { postId, contentHash }, 'approved');
    await tx.$executeRaw`
      insert into delivery (id, team_id, post_id, channel_id, rev, state, due_at, not_before, not_after, scheduled_at,
        scheduled_by_connection_id, scheduled_by_person_id)
      select ${id}, ${teamId}, ${postId}, ${channelId}, 1, 'scheduled', due, due,
        due + make_interval(secs => ${lateLimitSeconds}::float8), clock_timestamp(),
        ${connectionId ?? null}, ${connectionId ? null : team.person.id}
      from (select clock_timestamp() + make_interval(secs => ${dueInSeconds}::float8) as due) as times`;
  });
  return { id, postId, contentHash };
}

export async function decide(
  db: Pick<Context['db'], 'approval'>,
  team: PublishingTeam,
  post: { postId: string; contentHash: Uint8Array<ArrayBuffer>; rev?: number },
  decision: 'approved' | 'rejected',
): Promise<void> {
  await db.approval.create({
    data: {
      id: newId('approval'),
      teamId: team.team.id,
      postId: post.postId,
      rev: post.rev ?? 1,
      contentHash: post.contentHash,
      personId: team.person.id,
      decision,
    },
  });
}

export async function readDelivery(context: Context, id: string) {
  return context.db.delivery.findUniqueOrThrow({ where: { id }, include: { parts: true, attempts: true } });
}
