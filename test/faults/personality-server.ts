// Ten networks in one server, each with its own idea of a post that comes twice. It is the oracle of the campaign: it keeps
// every post that the world can see, with the delivery and the part that it came from, which no network looks at.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { z } from 'zod';

import { KEY_LAG_MS, LONGEST_TAKE_MS, PERSONALITIES, type Personality } from './personalities.ts';

export interface VisiblePost {
  id: string;
  network: string;
  account: string;
  deliveryId: string;
  partNo: number;
  text: string;
  /** By the clock of the machine, as are the database's times. */
  visibleAtMs: number;
}

export interface Answer {
  status: number;
  body: unknown;
}

/** One request to publish, before anything came of it. */
export interface IncomingSend {
  deliveryId: string;
  partNo: number;
  /** How many came for this part, this one included. */
  sendNo: number;
  workerPid: number;
  arrivedAtMs: number;
  /** The network takes it, or not, by its own rules; what it says to that. */
  take(): Answer;
}

export interface PersonalityServer extends AsyncDisposable {
  url: string;
  /** All that the world can see. */
  posts: readonly VisiblePost[];
  sends: readonly Pick<IncomingSend, 'deliveryId' | 'partNo' | 'arrivedAtMs'>[];
}

export interface Fates {
  /** Decides what becomes of a request to publish; null: it is cut off. */
  meetSend(send: IncomingSend): Promise<Answer | null>;
  /** For whatever may be asked again; null: it is cut off, undefined: nothing stands in its way. */
  meetRead(): Answer | null | undefined;
}

const origin = z.object({ account: z.string(), deliveryId: z.string(), partNo: z.int(), text: z.string() });
const post = origin.extend({
  key: z.string(),
  prepared: z.string().nullable(),
  workerPid: z.int(),
  begunAtMs: z.number(),
});
type Post = z.infer<typeof post>;

interface Store {
  personality: Personality;
  /** By key, container or session. */
  known: Map<string, VisiblePost>;
  prepared: Set<string>;
  byAccount: Map<string, VisiblePost[]>;
}

export async function startPersonalityServer(fates: Fates): Promise<PersonalityServer> {
  const stores = new Map(PERSONALITIES.map((personality) => [personality.id, newStore(personality)]));
  const posts: VisiblePost[] = [];
  const sends: PersonalityServer['sends'][number][] = [];
  const sendNos = new Map<string, number>();
  const sockets = new Set<Socket>();

  const commit = (store: Store, { account, deliveryId, partNo, text }: Post): VisiblePost => {
    const network = store.personality.id;
    const id = `${network}-${posts.length + 1}`;
    const visible = { id, network, account, deliveryId, partNo, text, visibleAtMs: Date.now() };
    posts.push(visible);
    store.byAccount.set(account, [...(store.byAccount.get(account) ?? []), visible]);
    return visible;
  };
  const take = (store: Store, sent: Post): Answer => {
    if (Date.now() > sent.begunAtMs + LONGEST_TAKE_MS) return { status: 504, body: 'too late' };
    const { duplicates } = store.personality;
    const { known, byAccount } = store;
    switch (duplicates) {
      case 'taken_again':
        return created(commit(store, sent));
      case 'refused_403':
      case 'refused_422': {
        const same = byAccount.get(sent.account)?.find(({ text }) => text === sent.text);
        if (!same) return created(commit(store, sent));
        return duplicates === 'refused_403'
          ? { status: 403, body: { error: 'duplicate content' } }
          : { status: 422, body: { error: 'duplicate content', id: same.id } };
      }
      case 'container':
      case 'session':
        if (!sent.prepared || !store.prepared.has(sent.prepared)) return { status: 404, body: {} };
        return created(keep(known, sent.prepared, () => commit(store, sent)));
      case 'fixed_key':
      case 'key_with_commit': {
        const kept = keep(known, sent.key, () => commit(store, sent));
        return kept.text === sent.text ? created(kept) : { status: 409, body: { error: 'another text' } };
      }
      case 'key_after_commit': {
        const kept = known.get(sent.key);
        if (kept) return created(kept);
        const visible = commit(store, sent);
        setTimeout(() => known.set(sent.key, visible), KEY_LAG_MS).unref();
        return created(visible);
      }
    }
  };
  const send = async (store: Store, body: unknown): Promise<Answer | null> => {
    const sent = post.parse(body);
    const { deliveryId, partNo, workerPid } = sent;
    const sendNo = (sendNos.get(`${deliveryId} ${partNo}`) ?? 0) + 1;
    sendNos.set(`${deliveryId} ${partNo}`, sendNo);
    const arrivedAtMs = Date.now();
    sends.push({ deliveryId, partNo, arrivedAtMs });
    return fates.meetSend({
      deliveryId,
      partNo,
      sendNo,
      workerPid,
      arrivedAtMs,
      take: () => take(store, sent),
    });
  };
  const answer = async (method: string, url: URL, body: unknown): Promise<Answer | null> => {
    const [, network, what, name] = url.pathname.split('/');
    const store = stores.get(network ?? '');
    if (!store) return { status: 404, body: {} };
    if (method === 'POST' && what === 'posts') return send(store, body);
    const obstacle = fates.meetRead();
    if (obstacle !== undefined) return obstacle;
    if (method === 'POST' && what === 'prepared') {
      const { deliveryId, partNo } = origin.parse(body);
      const id = `${deliveryId}-${partNo}-${store.prepared.size}`;
      store.prepared.add(id);
      return { status: 201, body: { id } };
    }
    if (!store.personality.isReadable) return { status: 404, body: {} };
    if (what === 'known') {
      const found = store.known.get(decodeURIComponent(name ?? ''));
      return found ? { status: 200, body: found } : { status: 404, body: {} };
    }
    const all = store.byAccount.get(url.searchParams.get('account') ?? '') ?? [];
    const shown = all.filter((visible) => isShown(visible, store.personality.readLagMs));
    return { status: 200, body: shown.slice(-50) };
  };

  const server = createServer((incoming, response) => {
    answerOne(incoming, response).catch(() => response.destroy());
  });
  const answerOne = async (incoming: IncomingMessage, response: ServerResponse) => {
    const url = new URL(incoming.url ?? '/', 'http://fake');
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body: unknown = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined;
    const found = await answer(incoming.method ?? 'GET', url, body);
    if (!found) {
      incoming.socket.destroy();
      return;
    }
    response.writeHead(found.status, { 'content-type': 'application/json' });
    response.end(typeof found.body === 'string' ? found.body : JSON.stringify(found.body));
  };
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts,
    sends,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
      await delay(0);
    },
  };
}

function newStore(personality: Personality): Store {
  return { personality, known: new Map(), prepared: new Set(), byAccount: new Map() };
}

function keep(known: Map<string, VisiblePost>, key: string, commit: () => VisiblePost): VisiblePost {
  const kept = known.get(key) ?? commit();
  known.set(key, kept);
  return kept;
}

function created({ id }: VisiblePost): Answer {
  return { status: 201, body: { id } };
}

/** Each post is shown after a time of its own, at the latest after the lag. */
function isShown({ id, visibleAtMs }: VisiblePost, readLagMs: number): boolean {
  const ownLagMs = (Number(id.split('-').at(-1)) * 619) % (readLagMs + 1);
  return Date.now() >= visibleAtMs + ownLagMs;
}
