import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import type { Context } from '../../server/context.ts';
import { DELIVERY_STATES, mostUrgent, type DeliveryState } from '../../server/deliveries/delivery-state.ts';
import { newId } from '../../server/ids.ts';
import { listPosts, type PostFilter } from '../../server/posts/list-posts.ts';
import { createOwner, openTestContext } from '../support/test-context.ts';

const RUNS = 60;
const CAMPAIGNS = 2;
const CHANNELS = 3;
/** Few, so that posts meet on one. */
const TIMES = Array.from({ length: 6 }, (_, index) => new Date(Date.UTC(2026, 4, 1 + index, 12)));

interface AnyDelivery {
  channel: number;
  state: DeliveryState;
  dueAt: Date | null;
  publishedAt: Date | null;
}

interface AnyPost {
  campaign: number;
  isDiscarded: boolean;
  deliveries: AnyDelivery[];
}

interface AnyQuery {
  states: DeliveryState[] | undefined;
  campaign: number | undefined;
  channel: number | undefined;
  from: Date | undefined;
  to: Date | undefined;
  limit: number;
}

const time = fc.constantFrom(...TIMES);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

const delivery: fc.Arbitrary<AnyDelivery> = fc
  .record({
    channel: fc.nat(CHANNELS - 1),
    state: fc.constantFrom(...DELIVERY_STATES),
    dueAt: time,
    publishedAt: time,
    keepsTime: fc.boolean(),
  })
  .map(({ channel, state, dueAt, publishedAt, keepsTime }) => ({
    channel,
    state,
    // A draft has no time; what was taken off the schedule may have kept it.
    dueAt: state === 'draft' || (state === 'cancelled' && !keepsTime) ? null : dueAt,
    publishedAt: state === 'published' || state === 'taken_down' ? publishedAt : null,
  }));

const post: fc.Arbitrary<AnyPost> = fc.record({
  campaign: fc.nat(CAMPAIGNS - 1),
  isDiscarded: fc.nat(9).map((chance) => chance === 0),
  deliveries: fc.uniqueArray(delivery, {
    minLength: 1,
    maxLength: CHANNELS,
    selector: ({ channel }) => channel,
  }),
});

const query: fc.Arbitrary<AnyQuery> = fc.record({
  states: maybe(fc.uniqueArray(fc.constantFrom(...DELIVERY_STATES), { minLength: 1, maxLength: 5 })),
  campaign: maybe(fc.nat(CAMPAIGNS - 1)),
  channel: maybe(fc.nat(CHANNELS - 1)),
  from: maybe(time),
  to: maybe(time),
  limit: fc.integer({ min: 1, max: 4 }),
});

let context: Context;

beforeAll(async () => {
  context = await openTestContext();
});

afterAll(async () => context[Symbol.asyncDispose]());

test('every list of posts is what a plain reading of the rows gives, page by page', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(post, { minLength: 1, maxLength: 14 }),
      fc.array(query, { minLength: 8, maxLength: 8 }),
      async (posts, queries) => {
        // Teams of earlier runs stay: none of theirs may appear.
        const scene = await writeTeam(posts);
        for (const wanted of queries) {
          expect(await readPages(scene, wanted)).toEqual(readPlainly(scene, posts, wanted));
        }
      },
    ),
    { numRuns: RUNS },
  );
});

async function writeTeam(posts: readonly AnyPost[]) {
  const owner = await createOwner(context);
  const campaignIds: string[] = [];
  for (let index = 0; index < CAMPAIGNS; index += 1) {
    const created = await createCampaign(context, owner.caller, { name: `Campaign ${index}`, goal: 'x' });
    campaignIds.push(created.campaignId);
  }
  const teamId = owner.team.id;
  const channelIds = Array.from({ length: CHANNELS }, () => newId('channel'));
  const postIds = posts.map(() => newId('post'));
  const made = { teamId, createdByPersonId: owner.person.id };
  const sendingOn = new Set<number>();
  await context.db.$transaction([
    context.db.channel.createMany({
      data: channelIds.map((id) => ({ id, teamId, network: 'bluesky', handle: id, remoteAccountId: id })),
    }),
    context.db.post.createMany({
      data: posts.map(({ campaign, isDiscarded }, index) => ({
        ...{ ...made, id: postIds[index]!, campaignId: campaignIds[campaign]! },
        discardedAt: isDiscarded ? TIMES[0]! : null,
      })),
    }),
    context.db.postRevision.createMany({
      data: postIds.map((postId) => ({ teamId, postId, rev: 1, text: 'x', contentHash: new Uint8Array(32) })),
    }),
    context.db.delivery.createMany({
      data: posts.flatMap(({ deliveries }, index) =>
        deliveries.map((one) => {
          // One send at a time on a channel.
          if (one.state === 'sending' && sendingOn.has(one.channel)) one.state = 'claimed';
          if (one.state === 'sending') sendingOn.add(one.channel);
          return toRow(one, { teamId, postId: postIds[index]!, channelId: channelIds[one.channel]! });
        }),
      ),
    }),
  ]);
  return { owner, campaignIds, channelIds, postIds };

  function toRow(
    { state, dueAt, publishedAt }: AnyDelivery,
    ids: { teamId: string; postId: string; channelId: string },
  ) {
    const isOut = publishedAt !== null;
    return {
      ...{ ...ids, id: newId('delivery'), rev: 1, state, dueAt, publishedAt },
      ...{ notBefore: dueAt, notAfter: dueAt, leaseUntil: dueAt, sendStartedAt: dueAt },
      ...{ payloadHash: new Uint8Array(32), problemCode: 'x', remoteId: isOut ? newId('delivery') : null },
      scheduledByPersonId: owner.person.id,
    };
  }
}

type Scene = Awaited<ReturnType<typeof writeTeam>>;

async function readPages(scene: Scene, { states, campaign, channel, from, to, limit }: AnyQuery) {
  const filter: PostFilter = {
    ...{ states, limit, from: from?.toISOString(), to: to?.toISOString() },
    campaignId: campaign === undefined ? undefined : scene.campaignIds[campaign],
    channelId: channel === undefined ? undefined : scene.channelIds[channel],
  };
  const seen: ReturnType<typeof readPlainly> = [];
  let cursor: string | undefined;
  do {
    const page = await listPosts(context, scene.owner.caller, { ...filter, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    seen.push(...page.items.map(({ id, state, when }) => ({ id, state, when })));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return seen;
}

/** The meaning of a list, without an index in mind: every post is looked at. */
function readPlainly({ postIds }: Scene, posts: readonly AnyPost[], wanted: AnyQuery) {
  const { states, campaign, channel, from, to } = wanted;
  const isCalendar = from !== undefined || to !== undefined;
  return posts
    .map(({ deliveries, ...rest }, index) => ({
      ...{ ...rest, id: postIds[index]!, state: mostUrgent(deliveries.map(({ state }) => state)) },
      when: whenOf(deliveries),
      channels: deliveries.map((one) => one.channel),
    }))
    .filter(
      ({ isDiscarded, state, when, channels, ...one }) =>
        !isDiscarded &&
        (!states || states.includes(state)) &&
        (campaign === undefined || one.campaign === campaign) &&
        (channel === undefined || channels.includes(channel)) &&
        (!isCalendar || (when !== null && (!from || when >= from) && (!to || when < to))),
    )
    .toSorted((a, b) => {
      const byId = a.id < b.id ? -1 : 1;
      return isCalendar ? a.when!.getTime() - b.when!.getTime() || byId : -byId;
    })
    .map(({ id, state, when }) => ({ id, state, when }));
}

/** The time of the most urgent delivery that has one; of several the first. */
function whenOf(deliveries: readonly AnyDelivery[]): Date | null {
  const [first] = deliveries
    .flatMap(({ state, dueAt, publishedAt }) => {
      const at = publishedAt ?? dueAt;
      return at ? [{ urgency: DELIVERY_STATES.indexOf(state), at }] : [];
    })
    .toSorted((a, b) => a.urgency - b.urgency || a.at.getTime() - b.at.getTime());
  return first?.at ?? null;
}
