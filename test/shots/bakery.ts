import sharp from 'sharp';

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { addPicture } from '../../server/media/add-picture.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { addConnection, addMember, createScene, type Scene } from '../http/support/scene.ts';

const DAY_MS = 86_400_000;
const ACCOUNTS = [
  { network: 'bluesky', handle: 'harbourbakery.example' },
  { network: 'linkedin', handle: 'Harbour Bakery' },
  { network: 'instagram', handle: 'harbourbakery' },
  { network: 'mastodon', handle: 'harbourbakery@social.example' },
] as const;
const TEXTS = [
  'Sourdough needs time: ours rests for 36 hours before it meets the oven.',
  'Meet Jonas, who has shaped our rolls since the first morning.',
  'Rye, oats and a spoon of honey: the harbour loaf is back for the winter.',
  'How we get flour from three villages away, and why the way is so short.',
  'Left over from yesterday? Five ways to make old bread new.',
  'The oven is warm, the shop smells of cinnamon, and the door is open.',
  'What a starter is, and how to keep yours alive over the holidays.',
  'Two new places behind the counter: come and bake with us.',
  'The first snow, and the first tray of almond stars.',
  'Thank you for a wonderful first week!',
];

export interface Bakery {
  scene: Scene;
  /** A post to edit, and one that waits for a yes. */
  draftId: string;
  waitingId: string;
}

/** A team as one could meet it: accounts, a campaign, weeks of posts before and after today, and their numbers. */
export async function furnishBakery(context: Context): Promise<Bakery> {
  const { db } = context;
  const scene = await createScene(context);
  const { teamId } = scene.owner;
  const channelIds = await addAccounts(context, teamId);
  await addMember(context, teamId, 'editor');
  const editor = await addConnection(context, scene.owner, 'Visual Studio Code');
  const agent = await addConnection(context, scene.owner, 'Claude Code');
  await db.connection.updateMany({ data: { firstUsedAt: new Date(), lastUsedAt: new Date() } });
  const { campaignId: winter } = await createCampaign(context, scene.owner, {
    ...{ name: 'Winter at the harbour', goal: 'Keep the shop full on short days', channelIds },
  });
  const pictures = await addPictures(context, scene);

  const random = createRandom(7);
  for (let day = -30; day <= 24; day += 1) {
    if (day === 0 || random() < 0.45) continue;
    const some = channelIds.filter(() => random() < 0.5);
    const hours = [7, 9, 12, 17][Math.floor(random() * 4)]!;
    await place(context, scene, {
      campaignId: day % 3 ? winter : scene.campaignId,
      channelIds: some.length > 0 ? some : channelIds.slice(0, 1),
      ...{ text: TEXTS[(day + 30) % TEXTS.length]!, connectionId: random() < 0.7 ? editor : agent },
      ...{ at: atHour(day, hours), state: day < 0 ? 'published' : 'scheduled', random },
      mediaIds: random() < 0.6 ? [pictures[Math.floor(random() * pictures.length)]!] : [],
    });
  }
  const ahead = { connectionId: agent, random, state: 'awaiting_approval' };
  const waitingId = await place(context, scene, {
    ...{ ...ahead, campaignId: scene.campaignId, channelIds: channelIds.slice(0, 2), at: atHour(2, 7) },
    text: 'We open on Saturday at seven.\n\nThe first fifty loaves are on us. Bring a friend, and tell us which one you liked best.',
    mediaIds: [pictures[0]!],
  });
  await place(context, scene, {
    ...{ ...ahead, campaignId: winter, channelIds: channelIds.slice(2, 3), at: atHour(3, 12) },
    ...{ text: 'Cinnamon knots, straight from the tray.', mediaIds: [pictures[1]!] },
  });
  await db.channel.updateMany({ where: { network: 'mastodon' }, data: { status: 'needs_reconnect' } });
  await addFollowers(context, teamId, channelIds, random);
  const { postId: draftId } = await createPost(context, scene.owner, {
    ...{ campaignId: scene.campaignId, channelIds: channelIds.slice(0, 3), mediaIds: [pictures[0]!] },
    text: 'Saturday, seven o’clock: the door opens, and the first fifty loaves are on us. See you at the harbour!',
  });
  return { scene, draftId, waitingId };
}

async function addAccounts({ db }: Context, teamId: string): Promise<string[]> {
  const accounts = ACCOUNTS.map((account) => ({
    ...{ ...account, id: newId('channel'), teamId, remoteAccountId: `account-${account.network}` },
    ...(account.network === 'linkedin' && { grantedScopes: ['w_organization_social'] }),
  }));
  await db.channel.createMany({ data: accounts });
  return accounts.map(({ id }) => id);
}

/** Evening over the water, and what comes from the oven. */
async function addPictures(context: Context, { owner }: Scene): Promise<string[]> {
  const scenes: readonly [string, string][] = [
    [
      'Loaves of bread on a table by the harbour at sunrise',
      loaves('#f6c98f', '#e98f5b', '#3f6d7a', '#b8763a'),
    ],
    ['A tray of cinnamon knots', loaves('#f3e3cf', '#e6c7a0', '#8a5a3c', '#9c5f2e')],
    ['The bakery by the water on a winter evening', loaves('#2f4468', '#7d6a93', '#1d3146', '#d9a566')],
  ];
  const ids: string[] = [];
  for (const [altText, svg] of scenes) {
    const bytes = await sharp(Buffer.from(svg)).jpeg({ quality: 90 }).toBuffer();
    const filename = `${altText.toLowerCase().replaceAll(' ', '-')}.jpg`;
    ids.push((await addPicture(context, owner, { source: 'upload', filename, altText, bytes })).id);
  }
  return ids;
}

function loaves(sky: string, glow: string, water: string, crust: string): string {
  const loaf = (x: number, y: number, scale: number) =>
    `<g transform="translate(${x} ${y}) scale(${scale})"><ellipse cx="0" cy="52" rx="175" ry="20" fill="#000" opacity=".18"/><path d="M-170 50c-30-90 60-150 170-150s200 60 170 150z" fill="${crust}"/><path d="M-120 0c30-40 60-55 90-60M-30 10c30-50 60-65 95-70M60 20c20-35 45-50 70-55" stroke="#f4ddb8" stroke-width="12" fill="none" stroke-linecap="round" opacity=".8"/></g>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="1000"><defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="${sky}"/><stop offset="1" stop-color="${glow}"/></linearGradient></defs><rect width="1600" height="620" fill="url(#s)"/><circle cx="1130" cy="470" r="120" fill="#fff3d6" opacity=".85"/><rect y="560" width="1600" height="220" fill="${water}"/><path d="M980 600h300M1010 640h240M1050 680h160" stroke="#fff3d6" stroke-width="10" opacity=".5" stroke-linecap="round"/><path d="M180 560l60-190 60 190z" fill="#fff" opacity=".8"/><path d="M150 565h190l-30 40H180z" fill="#5b3a29"/><rect y="760" width="1600" height="240" fill="#6b4a33"/><rect y="760" width="1600" height="14" fill="#8a6246"/>${loaf(420, 800, 1)}${loaf(820, 820, 1.15)}${loaf(1230, 800, 0.95)}</svg>`;
}

interface Placed {
  campaignId: string;
  channelIds: string[];
  text: string;
  mediaIds: string[];
  connectionId: string;
  at: Date;
  state: string;
  random: () => number;
}

/** As the worker, or the schedule, would have left it. */
async function place(context: Context, { owner }: Scene, post: Placed): Promise<string> {
  const { db } = context;
  const { campaignId, channelIds, text, mediaIds, at, state, random } = post;
  const { postId } = await createPost(context, owner, { campaignId, channelIds, text, mediaIds });
  await db.post.update({ where: { id: postId }, data: { createdByConnectionId: post.connectionId } });
  for (const delivery of await db.delivery.findMany({ where: { postId } })) {
    const isOut = state === 'published';
    await db.delivery.update({
      where: { id: delivery.id },
      data: {
        ...{ state, dueAt: at, notBefore: at, notAfter: new Date(at.getTime() + 1_800_000) },
        ...{ timeZone: 'Europe/Berlin', scheduledAt: new Date(), scheduledByConnectionId: post.connectionId },
        ...(isOut && {
          ...{ remoteId: newId('delivery'), remoteUrl: 'https://example.com/', publishedAt: at },
          ...{ sendStartedAt: at, payloadHash: new Uint8Array(32) },
        }),
      },
    });
    if (!isOut) continue;
    const views = Math.round(400 + random() * 2600);
    const of = (share: number) => Math.round(views * share * (0.5 + random()));
    await db.metricSnapshot.create({
      data: {
        ...{ teamId: owner.teamId, deliveryId: delivery.id, views },
        ...{ likes: of(0.05), comments: of(0.008), shares: of(0.006), clicks: of(0.02) },
      },
    });
  }
  return postId;
}

async function addFollowers(
  { db }: Context,
  teamId: string,
  channelIds: readonly string[],
  random: () => number,
): Promise<void> {
  for (const [no, channelId] of channelIds.entries()) {
    let followers = 600 + no * 350;
    const days = Array.from({ length: 60 }, (_, ago) => {
      followers += Math.round(random() * 9 - 1);
      return { teamId, channelId, day: new Date(Date.now() - (59 - ago) * DAY_MS), followers };
    });
    await db.channelSnapshot.createMany({ data: days });
  }
}

function atHour(daysAhead: number, hour: number): Date {
  const at = new Date(Date.now() + daysAhead * DAY_MS);
  at.setUTCHours(hour, 0, 0, 0);
  return at;
}

function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
