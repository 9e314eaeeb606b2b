import type { PersonCaller } from '../../../server/caller.ts';
import type { Context } from '../../../server/context.ts';
import { requestApproval } from '../../../server/deliveries/request-approval.ts';
import { setKillSwitch } from '../../../server/deliveries/set-kill-switch.ts';
import { newId } from '../../../server/ids.ts';
import { addCard } from '../../../server/media/add-card.ts';
import { addPicture } from '../../../server/media/add-picture.ts';
import { addWebhook } from '../../../server/notices/webhooks.ts';
import { invitePerson } from '../../../server/teams/invitations.ts';
import { createLetInLink } from '../../../server/teams/let-in.ts';
import { addConnection, addMember, addPost, createScene } from '../../http/support/scene.ts';
import { groupIdOf } from '../../support/group-id.ts';
import { photo } from '../../media/pictures.ts';
import { furnishPosts } from './furnish-posts.ts';

const LONG_WORD = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(
  2,
);

/** A team with something on every page. @returns where its pages are, by the name of their pictures */
export async function furnishPages(context: Context): Promise<Record<string, string>> {
  const scene = await createScene(context);
  const connectionId = await addConnection(context, scene.owner, 'Visual Studio Code');
  const lostId = await addConnection(context, scene.owner, 'Laptop that was lost');
  await context.db.connection.update({ where: { id: lostId }, data: { revokedAt: new Date() } });
  const waiting = await addPost(context, scene, {
    text: 'We open on Saturday at seven.\n\nThe first fifty loaves are on us. Come by, bring a friend, and tell us which one you liked best. 🥖',
    state: 'awaiting_approval',
    connectionId,
  });
  await addPost(context, scene, {
    text: 'Tomorrow the oven gets its first fire.',
    state: 'scheduled',
    connectionId,
  });
  const held = await addPost(context, scene, {
    text: `Held because the laptop is gone ${LONG_WORD}`,
    state: 'held',
    connectionId: lostId,
  });
  const published = await addPost(context, scene, {
    text: 'The sign is up! Thank you to everybody who helped.',
    state: 'published',
    hoursAhead: -3,
  });
  await addPost(context, scene, {
    text: 'Second coat of paint, and the counter has arrived.',
    state: 'published',
    hoursAhead: -30,
  });
  const requested = await addPost(context, scene, { text: 'Only an idea so far' });
  await requestApproval(context, scene.owner, {
    postId: requested,
    expectedRev: 1,
    note: 'Is the date right?',
  });
  const timeline = await context.db.playgroundPost.findFirstOrThrow();
  const bluesky = await context.db.channel.create({
    data: {
      id: newId('channel'),
      teamId: scene.owner.teamId,
      network: 'bluesky',
      handle: 'harbour-bakery.bsky.social',
      remoteAccountId: 'did:plc:x',
      status: 'needs_reconnect',
    },
  });
  await context.db.channel.create({
    data: {
      ...{ id: newId('channel'), teamId: scene.owner.teamId, network: 'linkedin', handle: 'Olivia Owner' },
      ...{ remoteAccountId: 'urn:li:person:a', grantedScopes: ['w_member_social'] },
      ...{
        tokenExpiresAt: new Date('2031-05-04T08:00:00Z'),
        rateLimitedUntil: new Date('2031-05-01T08:00:00Z'),
      },
      quota: { used: 12, total: 100, windowSeconds: 86_400 },
    },
  });
  const { caller: leaving } = await addMember(context, scene.owner.teamId, 'viewer');
  const rule = { teamId: scene.owner.teamId, createdById: scene.owner.personId, connectionId };
  const ruleId = newId('policyRule');
  await context.db.policyRule.create({ data: { ...rule, id: ruleId, effect: 'ask', condition: 'always' } });
  const clientId = groupIdOf('Visual Studio Code', '127.0.0.1');
  const { id: pictureId } = await addPicture(context, scene.owner, {
    ...{ source: 'upload', filename: 'a-very-long-name-of-a-picture-of-the-harbour-at-dawn.jpg' },
    bytes: await photo(640, 400),
  });
  await setKillSwitch(context, scene.owner, {
    ...{ kind: 'network', target: 'facebook', reason: 'Its Page is being handed to another owner.' },
  });
  await addWebhook(context, scene.owner, { url: `https://hooks.example.com/${LONG_WORD}` });
  const card = { title: 'Fresh from the oven', subtitle: 'Saturday from 8' };
  await addCard(context, scene.owner, { card });
  return {
    home: '/',
    posts: '/posts',
    post: `/posts/${published}`,
    held: `/posts/${held}`,
    settle: `/posts/${held}/settle/${scene.channelId}`,
    'take-down': `/posts/${published}/take-down`,
    approval: `/posts/${waiting}/approve`,
    campaigns: '/campaigns',
    campaign: `/campaigns/${scene.campaignId}`,
    connections: '/connections',
    connection: `/connections/${connectionId}`,
    'connection-policy': `/connections/${connectionId}/policy`,
    revoke: `/connections/${connectionId}/revoke`,
    client: `/connections/clients/${clientId}`,
    'revoke-client': `/connections/clients/${clientId}/revoke`,
    channels: '/channels',
    link: '/channels/link/bluesky',
    'link-server': '/channels/link/mastodon',
    'link-unready': '/channels/link/linkedin',
    'link-again': `/channels/link/bluesky?channel=${bluesky.id}`,
    disconnect: `/channels/${bluesky.id}/disconnect`,
    ...(await furnishPosts(context, scene)),
    slots: `/channels/${scene.channelId}/slots`,
    'slots-empty': `/channels/${bluesky.id}/slots`,
    requested: `/posts/${requested}/approve`,
    approvals: '/approvals',
    media: '/media',
    'media-describe': '/media/describe',
    'media-missing-alt': '/media?show=missing-alt&q=nothing',
    picture: `/media/${pictureId}`,
    'picture-delete': `/media/${pictureId}/delete`,
    policy: '/policy',
    'rule-remove': `/policy/rules/${ruleId}/remove`,
    webhooks: '/webhooks',
    stops: '/stops',
    team: '/team',
    people: '/people',
    'person-remove': `/people/${leaving.personId}/remove`,
    account: '/account',
    playground: '/playground',
    timeline: `/playground/${timeline.id}`,
    activity: '/activity',
    'activity-filtered': '/activity?what=posts&result=not_ok',
    'activity-days': '/activity/days',
    missing: '/nothing-here',
  };
}

/** What is seen without signing in. */
export async function furnishOpenPages(context: Context): Promise<Record<string, string>> {
  const { teamId, personId } = await context.db.membership.findFirstOrThrow({ where: { role: 'owner' } });
  const owner: PersonCaller = { kind: 'person', role: 'owner', teamId, personId };
  const { link } = await invitePerson(context, owner, { email: 'nina@example.com', role: 'editor' });
  const { email } = await context.db.person.findUniqueOrThrow({ where: { id: personId } });
  const letIn = await createLetInLink(context, email);
  return {
    'sign-in': '/sign-in',
    invitation: new URL(link).pathname,
    'let-in': new URL(letIn.link).pathname,
    design: '/design',
  };
}
