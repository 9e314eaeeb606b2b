import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import type { Call, Network, SentPart } from '../../server/networks/network.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import type { NetworkRig } from './network-rig.ts';

type Spoil = (call: Call, send: Network['send']) => Promise<SentPart>;

/** There is no wire to the network inside the server: what goes wrong does so between the engine and its `send`. */
export async function startPlaygroundRig(): Promise<NetworkRig> {
  const spoils = new Map<string, Spoil[]>();
  /** Looks that find nothing yet, by channel. */
  const lags = new Map<string, number>();
  const closed = Promise.withResolvers<void>();
  let opened: Context | undefined;
  const spoilNext = (channelId: string, spoil: Spoil) =>
    spoils.set(channelId, [...(spoils.get(channelId) ?? []), spoil]);

  return {
    settings: {},
    around: (network) => ({
      ...network,
      async send(call) {
        const spoil = spoils.get(call.channel.channelId)?.shift();
        return spoil ? spoil(call, network.send) : network.send(call);
      },
      async readBack(call) {
        const { channelId } = call.channel;
        const lag = lags.get(channelId) ?? 0;
        lags.set(channelId, Math.max(lag - 1, 0));
        return lag > 0 ? null : network.readBack(call);
      },
    }),
    async createChannel(context, team) {
      opened = context;
      const id = newId('channel');
      const teamId = team.team.id;
      await context.db.channel.create({
        data: { id, teamId, network: 'playground', handle: id, remoteAccountId: id },
      });
      return id;
    },
    async shownPosts(channelId) {
      const posts = await opened!.db.playgroundPost.findMany({
        where: { channelId },
        orderBy: [{ createdAt: 'asc' }, { partNo: 'asc' }],
      });
      return posts.map(({ id, text, partNo, deliveryId, media }) => ({
        remoteId: id,
        text,
        replyTo:
          posts.find((before) => before.deliveryId === deliveryId && before.partNo === partNo - 1)?.id ??
          null,
        pictures: (media as { altText: string }[]).map(({ altText }) => ({ altText, byteCount: Infinity })),
      }));
    },
    failNextPublish: (channelId, fault) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const released = Promise.race([promise, closed.promise]);
      spoilNext(channelId, async (call, send) => {
        if (fault === 'cut_before' || fault === 'refused_before') throw new Error('cut');
        if (fault === 'late_before') {
          const taken = released.then(() => send(call));
          return Promise.race([taken, whenAborted(call.signal)]);
        }
        const sent = await send(call);
        if (fault !== 'late_after') throw new Error('cut');
        return Promise.race([released.then(() => sent), whenAborted(call.signal)]);
      });
      return resolve;
    },
    limitNextPublish: (channelId, seconds) =>
      void spoilNext(channelId, async () => {
        const until = new Date(Date.now() + seconds * 1000);
        throw new NetworkError('rate_limited', 'too_many', 'Wait.', { until });
      }),
    lagNextRead: (channelId) => void lags.set(channelId, (lags.get(channelId) ?? 0) + 1),
    expireToken: async () => undefined,
    revokeAccess: async () => undefined,
    async setNumbers(_channelId, remoteId, { views, likes }) {
      const people = (count: number | null | undefined) =>
        Array.from({ length: count ?? 0 }, (_, index) => `person-${index}`);
      await opened!.db.playgroundPost.update({
        where: { id: remoteId },
        data: { viewedBy: people(views), likedBy: people(likes) },
      });
    },
    strays: () => [],
    async [Symbol.asyncDispose]() {
      closed.resolve();
    },
  };
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}
