import { afterAll, beforeAll, expect, vi } from 'vitest';

import { openCredentials } from '../../server/channels/credentials.ts';
import type { Context } from '../../server/context.ts';
import { notifyDue } from '../../server/deliveries/notify-due.ts';
import { takeDownPost, type ChannelTakenDown } from '../../server/deliveries/take-down-post.ts';
import type { Network, RemoteCall } from '../../server/networks/network.ts';
import type { NetworkId } from '../../server/networks/network-rules.ts';
import { startWorkers, type RunningWorkers } from '../../workers/start-workers.ts';
import {
  createPublishingTeam,
  readDelivery,
  scheduleTestDelivery,
  type PublishingTeam,
} from '../publishing/fixtures.ts';
import { attachPictures } from '../publishing/picture-fixtures.ts';
import { openTestContext } from '../support/test-context.ts';
import type { NetworkRig, ShownPost } from './network-rig.ts';

export interface PostInput {
  parts?: string[];
  altTexts?: (string | null)[];
}

/** What a machine that is busy with other tests needs for a send; late answers are waited for as long. */
const LEASE_SECONDS = 8;
const WAIT = { timeout: 45_000, interval: 50 };
const AT_REST = ['published', 'failed', 'held', 'needs_attention', 'missed', 'taken_down'];

export type ContractDelivery = Awaited<ReturnType<typeof readDelivery>>;

/** The engine with its workers and one network, for the tests of a file. */
export interface ContractRun {
  context: Context;
  team: PublishingTeam;
  network: Network;
  rig: NetworkRig;
  createChannel(): Promise<string>;
  /** Due now; where the network takes no post without a picture, it has one. */
  schedule(channelId: string, input?: PostInput): Promise<string>;
  waitFor(deliveryId: string, wanted: Partial<ContractDelivery>): Promise<ContractDelivery>;
  /** Until nothing more happens to it unless somebody does something. */
  waitForRest(deliveryId: string): Promise<ContractDelivery>;
  publish(channelId: string, input?: PostInput): Promise<ContractDelivery>;
  /** As if what its deliveries wait for were over: a pause of the network, a time until the next try. */
  endWaiting(channelId: string): Promise<void>;
  shown(channelId: string): Promise<ShownPost[]>;
  takeDown(delivery: ContractDelivery): Promise<ChannelTakenDown>;
  /** As a worker would ask the network. */
  remoteCall(channelId: string): Promise<RemoteCall>;
}

/** Opened before the tests of the file and closed after them. */
export function openContractRun(startRig: () => Promise<NetworkRig>, networkId: NetworkId): ContractRun {
  const run = {} as ContractRun;
  let workers: RunningWorkers;

  beforeAll(async () => {
    run.rig = await startRig();
    const opened = await openTestContext({
      ALLOW_PRIVATE_HOSTS: 'localhost,127.0.0.1',
      PUBLISH_QUARANTINE_SECONDS: '1',
      PUBLISH_LEASE_SECONDS: String(LEASE_SECONDS),
      ...run.rig.settings,
    });
    const network = opened.networks.get(networkId);
    if (!network) throw new Error(`${networkId} is not among the networks`);
    run.network = run.rig.around?.(network) ?? network;
    run.context = { ...opened, networks: new Map(opened.networks).set(networkId, run.network) };
    run.team = await createPublishingTeam(run.context);
    workers = await startWorkers(run.context);
  });
  afterAll(async () => {
    await workers.stop();
    await run.context[Symbol.asyncDispose]();
    await run.rig[Symbol.asyncDispose]();
  });

  return Object.assign(run, {
    createChannel: () => run.rig.createChannel(run.context, run.team),
    async schedule(channelId, { parts, altTexts } = {}) {
      const { context, network, team } = run;
      const needed = network.rules.pictures.isRequired ? ['A quay'] : [];
      const delivery = await scheduleTestDelivery(context, team, {
        channelId,
        ...(parts && { parts }),
        dueInSeconds: 60,
      });
      await attachPictures(context, team, delivery, altTexts ?? needed);
      await context.db
        .$executeRaw`update delivery set due_at = clock_timestamp(), not_before = clock_timestamp() where id = ${delivery.id}`;
      await notifyDue(context.db);
      return delivery.id;
    },
    async waitFor(deliveryId, wanted) {
      await vi.waitFor(
        async () => expect(await readDelivery(run.context, deliveryId)).toMatchObject(wanted),
        WAIT,
      );
      return readDelivery(run.context, deliveryId);
    },
    async waitForRest(deliveryId) {
      await vi.waitFor(
        async () => expect(AT_REST).toContain((await readDelivery(run.context, deliveryId)).state),
        WAIT,
      );
      return readDelivery(run.context, deliveryId);
    },
    publish: async (channelId, input) => run.waitForRest(await run.schedule(channelId, input)),
    async endWaiting(channelId) {
      const { db } = run.context;
      await db.$transaction([
        // A due scan that has read the pause already would put them off by it again.
        db.$executeRaw`lock table delivery in access exclusive mode`,
        db.$executeRaw`update channel set rate_limited_until = null where id = ${channelId}`,
        db.$executeRaw`
          update delivery set not_before = clock_timestamp() where channel_id = ${channelId} and state = 'scheduled'`,
      ]);
      await notifyDue(db);
    },
    shown: (channelId) => run.rig.shownPosts(channelId),
    async takeDown({ postId }) {
      const { perChannel } = await takeDownPost(run.context, run.team.caller, {
        postId,
        reason: 'A wrong date',
      });
      return perChannel[0]!;
    },
    async remoteCall(channelId) {
      const channel = await run.context.db.channel.findUniqueOrThrow({ where: { id: channelId } });
      const { teamId, remoteAccountId, handle, grantedScopes } = channel;
      const credentials = openCredentials(run.context, { teamId, channelId }, channel.credentials);
      return {
        channel: { channelId, remoteAccountId, handle, credentials, grantedScopes },
        fetch: run.context.fetch,
        signal: AbortSignal.timeout(20_000),
      };
    },
  } satisfies Partial<ContractRun>);
}

export const sendsOf = (delivery: ContractDelivery) => outcomesOf(delivery, 'send');
export const readsOf = (delivery: ContractDelivery) => outcomesOf(delivery, 'read_back');

function outcomesOf({ attempts }: ContractDelivery, wanted: string): (string | null)[] {
  return attempts
    .filter(({ kind }) => kind === wanted)
    .toSorted((one, other) => one.startedAt.getTime() - other.startedAt.getTime())
    .map(({ outcome }) => outcome);
}
