import type { Context } from '../context.ts';

/** What a page can be about. */
export type TeamOwned =
  | 'media'
  | 'post'
  | 'campaign'
  | 'connection'
  | 'channel'
  | 'channelLink'
  | 'policyRule'
  | 'playgroundPost'
  | 'webhook'
  | 'killSwitch';

/**
 * The team that something belongs to, when the person is a member of it: a link from an editor or a message opens in
 * the right team. Null for what does not exist and for what is another team's alike.
 */
export async function findTeamOf(
  context: Context,
  personId: string,
  thing: { kind: TeamOwned; id: string },
): Promise<string | null> {
  const { db } = context;
  const mine = { memberships: { some: { personId } } };
  const query = { where: { id: thing.id, team: mine }, select: { teamId: true } };
  switch (thing.kind) {
    case 'post':
      return (await db.post.findFirst(query))?.teamId ?? null;
    case 'media':
      return (await db.media.findFirst(query))?.teamId ?? null;
    case 'campaign':
      return (await db.campaign.findFirst(query))?.teamId ?? null;
    case 'connection':
      return (await db.connection.findFirst(query))?.teamId ?? null;
    case 'channel':
      return (await db.channel.findFirst(query))?.teamId ?? null;
    case 'channelLink':
      return (await db.channelLink.findFirst(query))?.teamId ?? null;
    case 'policyRule':
      return (await db.policyRule.findFirst(query))?.teamId ?? null;
    case 'webhook':
      return (await db.webhook.findFirst(query))?.teamId ?? null;
    case 'killSwitch':
      return (await db.killSwitch.findFirst(query))?.teamId ?? null;
    case 'playgroundPost': {
      const where = { id: thing.id, channel: { team: mine } };
      return (await db.playgroundPost.findFirst({ where, select: { teamId: true } }))?.teamId ?? null;
    }
  }
}
