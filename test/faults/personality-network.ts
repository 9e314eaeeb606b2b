import { z } from 'zod';

import { toNetworkError } from '../../server/networks/call-failure.ts';
import { callApi, type ApiAnswer } from '../../server/networks/call-api.ts';
import type { Call, Network, SentPart } from '../../server/networks/network.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import type { Networks } from '../../server/networks/networks.ts';
import { playground as rules } from '../../server/networks/rules/playground.ts';
import { isPreparedAhead, PERSONALITIES, SEND_TIMEOUT_MS, type Personality } from './personalities.ts';

/** Where a worker can be told to die. */
export interface CrashHooks {
  /** Before anything of a part is done: what it was told about this delivery is known afterwards. */
  arrive(deliveryId: string): Promise<void>;
  reach(point: 'after_prepare' | 'before_send' | 'begun' | 'before_settle', part: PartName): void;
}

export interface PartName {
  deliveryId: string;
  partNo: number;
}

const made = z.object({ id: z.string() });
const shown = z.array(made.extend({ text: z.string(), visibleAtMs: z.number() }));

/** The networks of the campaign instead of the product's. */
export function createPersonalityNetworks(url: string, hooks: CrashHooks): Networks {
  return new Map(
    PERSONALITIES.map((personality) => [
      personality.id,
      createPersonalityNetwork(personality, `${url}/${personality.id}`, hooks),
    ]),
  );
}

function createPersonalityNetwork(personality: Personality, base: string, hooks: CrashHooks): Network {
  const { id, guarantee, quarantineSeconds, isReadable } = personality;
  const call = ({ fetch, signal }: Call, path: string, json?: unknown) => {
    const method = json === undefined ? 'GET' : 'POST';
    return callApi(fetch, { url: `${base}/${path}`, method, json, signal }, { name: id, explain });
  };
  const find = async (sent: Call): Promise<SentPart | null> => {
    const { part, channel } = sent;
    if (personality.duplicates === 'fixed_key') return findKnown(sent, part.key);
    if (isPreparedAhead(personality)) {
      return typeof part.prepared === 'string' ? findKnown(sent, part.prepared) : null;
    }
    const { body } = await call(sent, `posts?account=${encodeURIComponent(channel.remoteAccountId)}`);
    const found = shown.parse(body).filter(({ text }) => text === part.text);
    if (found.length > 1) {
      throw new NetworkError('rejected', 'several_match', 'The network shows several such posts.');
    }
    return found[0] ? toSentPart(found[0].id) : null;
  };
  const findKnown = async (sent: Call, name: string): Promise<SentPart | null> => {
    try {
      const { body } = await call(sent, `known/${encodeURIComponent(name)}`);
      return toSentPart(made.parse(body).id);
    } catch (error) {
      if (toNetworkError(error, id).code === '404') return null;
      throw error;
    }
  };
  return {
    id,
    name: id,
    guarantee,
    ...(guarantee === 'idempotent' && { keyLifetimeSeconds: 3600 }),
    isProven: false,
    rules,
    quarantineSeconds,
    sendTimeoutMs: SEND_TIMEOUT_MS,
    newKey: (deliveryId, partNo) => `${deliveryId}-${partNo}`,
    async prepare(input) {
      const { deliveryId, partNo, text } = input.part;
      await hooks.arrive(deliveryId);
      let prepared: string | null = null;
      if (isPreparedAhead(personality)) {
        const account = input.channel.remoteAccountId;
        const { body } = await call(input, 'prepared', { account, deliveryId, partNo, text });
        prepared = made.parse(body).id;
      }
      hooks.reach('after_prepare', { deliveryId, partNo });
      return prepared;
    },
    payloadOf(part) {
      hooks.reach('before_send', part);
      return JSON.stringify({ text: part.text, prepared: part.prepared });
    },
    async send(input) {
      const { deliveryId, partNo, text, key } = input.part;
      hooks.reach('begun', input.part);
      const prepared = typeof input.part.prepared === 'string' ? input.part.prepared : null;
      const account = input.channel.remoteAccountId;
      const { body } = await call(input, 'posts', {
        ...{ account, deliveryId, partNo, text, key, prepared },
        workerPid: process.pid,
        begunAtMs: performance.timeOrigin + performance.now(),
      });
      const { id: postId } = made.parse(body);
      hooks.reach('before_settle', input.part);
      return toSentPart(postId);
    },
    async readBack(input) {
      if (isReadable) return find(input);
      throw new NetworkError('rejected', 'unreadable', 'Nobody can ask this network what it has.');
    },
    readPermalink: () => null,
  };
}

function toSentPart(remoteId: string): SentPart {
  return { remoteId, remoteUrl: `http://127.0.0.1/${remoteId}` };
}

/** What is not listed is ambiguous: every 5xx, and every answer that cannot be read. */
function explain({ status }: ApiAnswer): NetworkError {
  if (status === 403 || status === 422) {
    return new NetworkError('duplicate', String(status), 'The network has this already.');
  }
  return new NetworkError('ambiguous', String(status), 'The network gave no clear answer.');
}
