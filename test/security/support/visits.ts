import type { Context } from '../../../server/context.ts';
import { invitePerson } from '../../../server/teams/invitations.ts';
import { createLetInLink } from '../../../server/teams/let-in.ts';
import type { Scene } from '../../http/support/scene.ts';
import { groupIdOf } from '../../support/group-id.ts';

interface Named {
  id: string;
}

/** What a route with parameters is about, by how it begins; the first that fits counts. */
const ABOUT: readonly { route: RegExp; find: (context: Context, scene: Scene) => Promise<string[]> }[] = [
  {
    route: /^\/posts\/:id\/settle\/:channelId$/,
    find: async ({ db }) =>
      (await db.delivery.findMany()).map(({ postId, channelId }) => `/posts/${postId}/settle/${channelId}`),
  },
  { route: /^\/posts\/:id(\/|$)/, find: ({ db }) => idsOf(db.post.findMany()) },
  { route: /^\/campaigns\/:id(\/|$)/, find: ({ db }) => idsOf(db.campaign.findMany()) },
  { route: /^\/media\/:id(\/|$)/, find: ({ db }) => idsOf(db.media.findMany({ where: { state: 'ready' } })) },
  {
    route: /^\/connections\/clients\/:id(\/|$)/,
    find: async ({ db }) =>
      (await db.connection.findMany()).map(({ clientName, redirectHost }) =>
        groupIdOf(clientName, redirectHost),
      ),
  },
  { route: /^\/connections\/:id(\/|$)/, find: ({ db }) => idsOf(db.connection.findMany()) },
  {
    route: /^\/channels\/link\/:network(\/|$)/,
    find: async ({ networks }) => [...networks.keys()],
  },
  // Its names lie sealed in the row; test/channels/link.test.ts shows them.
  { route: /^\/channels\/accounts\/:id$/, find: async () => [] },
  { route: /^\/channels\/:id(\/|$)/, find: ({ db }) => idsOf(db.channel.findMany()) },
  { route: /^\/playground\/:id(\/|$)/, find: ({ db }) => idsOf(db.playgroundPost.findMany()) },
  { route: /^\/policy\/rules\/:id(\/|$)/, find: ({ db }) => idsOf(db.policyRule.findMany()) },
  { route: /^\/people\/invitations\/:id(\/|$)/, find: ({ db }) => idsOf(db.invitation.findMany()) },
  { route: /^\/webhooks\/:id(\/|$)/, find: ({ db }) => idsOf(db.webhook.findMany()) },
  { route: /^\/stops\/:id(\/|$)/, find: ({ db }) => idsOf(db.killSwitch.findMany()) },
  { route: /^\/people\/:id(\/|$)/, find: ({ db }) => idsOf(db.person.findMany()) },
  {
    route: /^\/invitation\/:token$/,
    find: async (context, { owner }) => {
      const { link } = await invitePerson(context, owner, { email: 'nina@example.com', role: 'editor' });
      return [new URL(link).pathname.split('/').at(-1)!];
    },
  },
  {
    route: /^\/let-in\/:token$/,
    find: async (context, { owner }) => {
      const where = { id: owner.personId };
      const { email } = await context.db.person.findUniqueOrThrow({ where });
      // The link is made for an address; the page shows what stands there, whatever that is.
      await context.db.person.update({ where, data: { email: 'locked-out@example.com' } });
      const { link } = await createLetInLink(context, 'locked-out@example.com');
      await context.db.person.update({ where, data: { email } });
      return [new URL(link).pathname.split('/').at(-1)!];
    },
  },
  // There is an owner already.
  { route: /^\/set-up\/:token$/, find: async () => [] },
];

/**
 * Where a route leads: itself, or once for each thing of the kind that it is about.
 * @throws Error for a route about something that stands in no line above
 */
export async function listVisits(context: Context, scene: Scene, route: string): Promise<string[]> {
  if (!route.includes(':')) return [route];
  const about = ABOUT.find(({ route: pattern }) => pattern.test(route));
  if (!about) throw new Error(`Nothing is known of what ${route} is about: add a line to ABOUT.`);
  const found = await about.find(context, scene);
  return found.map((id) => (id.startsWith('/') ? id : route.replace(/:[a-zA-Z]+/, encodeURIComponent(id))));
}

async function idsOf(rows: PromiseLike<readonly Named[]>): Promise<string[]> {
  return (await rows).map(({ id }) => id).toSorted();
}
