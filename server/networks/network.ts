import type { GuardedFetch } from '../fetch.ts';

/** What a network offers against posting twice; shown to people as it is. */
export type GuaranteeClass = 'exact' | 'idempotent' | 'read_back' | 'none';

export interface TextLimits {
  /** Characters as the network counts them. */
  maxLength: number;
  /** What is counted, for the person who reads the number. */
  unit: 'characters' | 'graphemes';
  /** UTF-8 bytes, where the network limits them too. */
  maxBytes?: number;
  /** Parts of one thread. */
  maxParts: number;
}

/** The account that a link attempt ended with. Credentials are sealed by the caller and given back as they were. */
export interface LinkedAccount {
  remoteAccountId: string;
  handle: string;
  /** JSON; undefined where the network needs none. */
  credentials?: string;
  tokenExpiresAt?: Date;
}

/** What a connector may know of a channel while it works. */
export interface ChannelAccess {
  channelId: string;
  remoteAccountId: string;
  handle: string;
  /** The opened credentials. */
  credentials: string | undefined;
}

/** One message, frozen: the same part yields the same bytes at every try. */
export interface Part {
  deliveryId: string;
  partNo: number;
  text: string;
  /** Stable over all tries; what makes a repeat harmless where the network allows it. */
  key: string;
  frozenAt: Date;
  /** What `prepare` returned. */
  prepared: unknown;
  /** What `send` returned for the parts before this one, first part first. */
  earlier: readonly SentPart[];
}

export interface SentPart {
  remoteId: string;
  remoteUrl: string;
  /** What a later part needs to refer to this one. JSON. */
  remoteRef?: unknown;
}

export interface Call {
  channel: ChannelAccess;
  part: Part;
  fetch: GuardedFetch;
  signal: AbortSignal;
}

/**
 * A network, seen from the publishing engine. A connector never sleeps, retries, logs or touches the database; it throws
 * NetworkError and nothing else on purpose, and whatever else it throws counts as ambiguous.
 */
export interface Network {
  id: string;
  /** As people write it. */
  name: string;
  guarantee: GuaranteeClass;
  limits: TextLimits;
  /** How long an unclear send may still take effect; read back only after that. */
  quarantineSeconds: number;
  /** Longest time one `send` may take. */
  sendTimeoutMs: number;
  /** The text's length in `limits.unit`. */
  countText(text: string): number;
  /** The idempotency key of a part, from when it is frozen. */
  newKey(deliveryId: string, partNo: number, frozenAt: Date): string;
  /** Everything that can be done ahead and repeated (uploads, containers, resolved mentions). Returns JSON. */
  prepare(call: Call): Promise<unknown>;
  /** The bytes that `send` will send, for the payload hash. */
  payloadOf(part: Part, channel: ChannelAccess): string;
  /** The one irreversible call. */
  send(call: Call): Promise<SentPart>;
  /** Looks for the part on the network: what it became, or null when it is not there. */
  readBack(call: Call): Promise<SentPart | null>;
  /** New credentials for expired ones; absent where they do not expire. */
  refresh?(channel: ChannelAccess, fetch: GuardedFetch, signal: AbortSignal): Promise<RefreshedCredentials>;
}

export interface RefreshedCredentials {
  credentials: string;
  tokenExpiresAt?: Date;
}
