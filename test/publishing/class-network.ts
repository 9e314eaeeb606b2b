import type { Context } from '../../server/context.ts';
import type { GuaranteeClass, Network, SentPart } from '../../server/networks/network.ts';
import { NetworkError } from '../../server/networks/network-error.ts';

/** What the next send does: it is taken and answered; taken, and the answer is lost; lost on the way; or an error. */
export type SendFault = 'taken' | 'taken_unanswered' | 'lost' | NetworkError;

export interface ClassNetwork {
  context: Context;
  /** What is to be seen on the network, oldest first. */
  posts: { channelId: string; deliveryId: string; key: string; text: string; at: number }[];
  sends: { deliveryId: string; partNo: number; key: string; at: number; prepared: unknown }[];
  reads: number;
  prepares: number;
  /** One for each coming send; then all is taken. */
  faults: SendFault[];
  /** What the next reads end with instead of looking. */
  readFaults: NetworkError[];
}

/**
 * In place of the Playground: a network within the process that shows every post it takes, also a second one of the same
 * delivery, with the guarantee class that a test asks for. A key that it knows is answered as the first time.
 */
export function createClassNetwork(
  context: Context,
  guarantee: GuaranteeClass,
  changes: Partial<Network> = {},
): ClassNetwork {
  const playground = context.networks.get('playground')!;
  const own: ClassNetwork = {
    context,
    posts: [],
    sends: [],
    reads: 0,
    prepares: 0,
    faults: [],
    readFaults: [],
  };
  const toSentPart = (key: string): SentPart => ({
    remoteId: `at ${key}`,
    remoteUrl: `https://net.example/${key}`,
  });
  const find = (key: string) => own.posts.find((post) => post.key === key);

  const network: Network = {
    ...playground,
    guarantee,
    quarantineSeconds: 5,
    newKey: (deliveryId, partNo, frozenAt) => `${deliveryId} ${partNo} ${frozenAt.getTime()}`,
    async prepare() {
      own.prepares += 1;
      return { container: own.prepares };
    },
    payloadOf: ({ text }) => text,
    async send({ channel, part }) {
      const { deliveryId, partNo, key, text, prepared } = part;
      own.sends.push({ deliveryId, partNo, key, at: performance.now(), prepared });
      const fault = own.faults.shift() ?? 'taken';
      if (fault instanceof NetworkError) throw fault;
      if (fault === 'lost') throw new Error('cut');
      const isKnown = (guarantee === 'exact' || guarantee === 'idempotent') && find(key) !== undefined;
      if (!isKnown)
        own.posts.push({ channelId: channel.channelId, deliveryId, key, text, at: performance.now() });
      if (fault === 'taken_unanswered') throw new Error('cut');
      return toSentPart(key);
    },
    async readBack({ part }) {
      own.reads += 1;
      const fault = own.readFaults.shift();
      if (fault) throw fault;
      return find(part.key) ? toSentPart(part.key) : null;
    },
    ...changes,
  };
  own.context = { ...context, networks: new Map(context.networks).set('playground', network) };
  return own;
}
