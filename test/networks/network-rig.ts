import type { Context } from '../../server/context.ts';
import type { Network, PostNumbers } from '../../server/networks/network.ts';
import type { PublishingTeam } from '../publishing/fixtures.ts';
import type { FakeFault } from '../support/fakes/fake-server.ts';

/** A post as somebody sees it on the network. */
export interface ShownPost {
  remoteId: string;
  /** As people read it there: escapes and markup resolved. */
  text: string;
  /** The post before it in a thread. */
  replyTo: string | null;
  pictures: { altText: string; byteCount: number }[];
}

/** A network to run the contract suite against: a stand-in, or the real software. One per test file. */
export interface NetworkRig extends AsyncDisposable {
  /** By the names of .env.example, for `openTestContext`. */
  settings: Record<string, string>;
  /** Only where there is no wire to spoil: the network with faults between the engine and itself. */
  around?(network: Network): Network;
  /** A new account, linked as a channel with what the network's own pages would have given. */
  createChannel(context: Context, team: PublishingTeam): Promise<string>;
  /** What the account shows, oldest first; what was deleted is gone. */
  shownPosts(channelId: string): Promise<ShownPost[]>;
  /**
   * The next publishing call of the account (not its uploads) meets it.
   * @returns lets the answer come, where it is late
   */
  failNextPublish(channelId: string, fault: FakeFault): () => void;
  /** The next publishing call is refused because of too many, for about this long. */
  limitNextPublish(channelId: string, seconds: number): void;
  /** The next look at what the account has published is answered as if that had not happened yet. */
  lagNextRead(channelId: string): void;
  /** The access token of the account is over; whether it can be renewed is the network's affair. */
  expireToken(context: Context, channelId: string): Promise<void>;
  /** The person took the permission back: nothing renews it. */
  revokeAccess(context: Context, channelId: string): Promise<void>;
  /** What the network counts from now on. */
  setNumbers(channelId: string, remoteId: string, numbers: Partial<PostNumbers>): void | Promise<void>;
  /** Calls that no route took. */
  strays(): string[];
}
