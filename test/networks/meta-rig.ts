// What the rigs of Threads and Instagram share: an account with a long-lived token, and a server that gives pictures out.
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import Koa from 'koa';

import { sealCredentials } from '../../server/channels/credentials.ts';
import type { Context } from '../../server/context.ts';
import { createPublicMedia } from '../../server/http/public-media.ts';
import { newId } from '../../server/ids.ts';
import type { PostNumbers } from '../../server/networks/network.ts';
import type { PublishingTeam } from '../publishing/fixtures.ts';
import type { FakeRequest, FakeServer } from '../support/fakes/fake-server.ts';
import type { Container } from '../support/fakes/meta/containers.ts';
import type { FakeGraph } from '../support/fakes/meta/graph.ts';
import type { MetaPost } from '../support/fakes/meta/posts.ts';
import type { NetworkRig, ShownPost } from './network-rig.ts';

export interface MetaFake extends FakeServer {
  graph: FakeGraph;
  containers: Map<string, Container>;
  posts: Map<string, MetaPost>;
}

export interface MetaRigInput {
  network: 'threads' | 'instagram';
  fake: MetaFake;
  settings: Record<string, string>;
  scopes: readonly string[];
  publishEdge: string;
  /** Of a container. */
  statusField: string;
  /** How its throttling answers. */
  throttled: { code: number; message: string };
  toMetrics(numbers: Partial<PostNumbers>): Record<string, number | null | undefined>;
}

const LONG_LIVED_SECONDS = 5_183_944;

export async function startMetaRig(input: MetaRigInput): Promise<NetworkRig> {
  const { fake, network } = input;
  const pictures = await startPictureServer();
  const accounts = new Map<string, string>();
  const isPublishOf =
    (channelId: string) =>
    ({ method, path }: FakeRequest) =>
      method === 'POST' && path.endsWith(`/${accounts.get(channelId)!}/${input.publishEdge}`);
  let names = 0;
  return {
    settings: { PUBLIC_URL: pictures.url, ...input.settings },
    async createChannel(context: Context, team: PublishingTeam) {
      pictures.serve(context);
      names += 1;
      const account = fake.graph.addAccount(`${network}_${names}`);
      const grant = { accountId: account.id, clientId: 'app', scopes: input.scopes };
      const { token } = fake.graph.issueLongLived(grant, fake.clock.now());
      const key = { teamId: team.team.id, channelId: newId('channel') };
      accounts.set(key.channelId, account.id);
      await context.db.channel.create({
        data: {
          ...{ id: key.channelId, teamId: key.teamId, network, handle: account.username },
          remoteAccountId: account.id,
          credentials: sealCredentials(context, key, JSON.stringify({ token })),
          tokenExpiresAt: new Date(Date.now() + LONG_LIVED_SECONDS * 1000),
          grantedScopes: [...input.scopes],
        },
      });
      return key.channelId;
    },
    async shownPosts(channelId) {
      const own = [...fake.posts.values()].filter((post) => post.accountId === accounts.get(channelId));
      return own.map(({ id, text, replyTo, pictures: shown }): ShownPost => ({
        remoteId: id,
        text,
        replyTo,
        pictures: shown.map(({ altText, byteCount }) => ({ altText, byteCount })),
      }));
    },
    failNextPublish: (channelId, fault) => fake.failNext(isPublishOf(channelId), fault),
    limitNextPublish: (channelId, seconds) => {
      const usage = {
        [accounts.get(channelId)!]: [{ type: network, estimated_time_to_regain_access: seconds / 60 }],
      };
      fake.failNext(isPublishOf(channelId), {
        status: 400,
        headers: { 'x-business-use-case-usage': JSON.stringify(usage) },
        body: { error: { type: 'OAuthException', fbtrace_id: 'A', ...input.throttled } },
      });
    },
    lagNextRead: (channelId) => {
      const isRead = ({ method, path }: FakeRequest) => {
        const container = fake.containers.get(path.split('/').at(-1)!);
        const isPublished = container !== undefined && container.publishedAs !== null;
        return method === 'GET' && isPublished && container.accountId === accounts.get(channelId);
      };
      fake.failNext(isRead, { status: 200, body: { [input.statusField]: 'FINISHED' } });
    },
    expireToken: async (_context, channelId) =>
      fake.graph.oauth.tokens.expireAccess(accounts.get(channelId)!),
    revokeAccess: async (_context, channelId) =>
      fake.graph.oauth.tokens.revokeAccount(accounts.get(channelId)!),
    setNumbers(_channelId, remoteId, numbers) {
      const told = Object.entries(input.toMetrics(numbers));
      fake.posts.get(remoteId)!.numbers = Object.fromEntries(
        told.flatMap(([name, count]) => (typeof count === 'number' ? [[name, count]] : [])),
      );
    },
    strays: () => fake.strays,
    async [Symbol.asyncDispose]() {
      await fake[Symbol.asyncDispose]();
      await pictures[Symbol.asyncDispose]();
    },
  };
}

/** The address that the networks fetch pictures from, served by the product's own middleware. */
async function startPictureServer() {
  let middleware: Koa.Middleware | undefined;
  const app = new Koa();
  app.use((ctx, next) => middleware?.(ctx, next));
  const server = createServer(app.callback() as never);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: (context: Context) => {
      middleware ??= createPublicMedia(context);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
