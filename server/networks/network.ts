import type { GuardedFetch } from '../fetch.ts';
import type { AccountLink } from './account-link.ts';
import type { NetworkRules, RuleSource } from './network-rules.ts';

/** What a network offers against posting twice; shown to people as it is. */
export type GuaranteeClass = 'exact' | 'idempotent' | 'read_back' | 'none';

/** What a connector may know of a channel while it works. */
export interface ChannelAccess {
  channelId: string;
  remoteAccountId: string;
  handle: string;
  /** The opened credentials. */
  credentials: string | undefined;
  /** What the network let the link do, in its own names. */
  grantedScopes: readonly string[];
}

/** One message, frozen: the same part yields the same bytes at every try. */
export interface Part {
  deliveryId: string;
  partNo: number;
  text: string;
  /** Stable over all tries; what makes a repeat harmless where the network allows it. */
  key: string;
  frozenAt: Date;
  /** The pictures of a post go with its first part. */
  media: readonly PartMedia[];
  /** What `prepare` returned. In `prepare` itself: what one before it left for the same text, though maybe for other pictures. */
  prepared: unknown;
  /** What `send` returned for the parts before this one, first part first. */
  earlier: readonly SentPart[];
}

/** A picture as this network gets it: the same bytes at every try. */
export interface PartMedia {
  mimeType: string;
  width: number;
  height: number;
  byteCount: number;
  /** SHA-256 of the bytes, hex. */
  contentHash: string;
  /** Empty where nobody described it. */
  altText: string;
  /** Where the bytes lie, for the network inside the server. */
  storageKey: string;
  /** Where a network fetches it by itself: good for an hour, for whoever has it. Null where this server has no public address. */
  publicUrl: string | null;
  read(): Promise<Uint8Array<ArrayBuffer>>;
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

export interface PrepareCall extends Call {
  /** In which the text is written (ISO 639-1), where somebody said and the network `takesLanguage`. */
  language?: string | undefined;
  /** An earlier send of the part may have been taken, and nothing has shown since that it was not. */
  isMaybeSent?: boolean;
}

export interface ReadBackCall extends Call {
  /** By the network's ids: what is known to be of other deliveries of the channel, or another part, and so is not this one. */
  known?: ReadonlySet<string>;
}

export interface RemoteCall {
  channel: ChannelAccess;
  fetch: GuardedFetch;
  signal: AbortSignal;
}

/** A post's numbers; null where the network does not tell one. */
export interface PostNumbers {
  views: number | null;
  likes: number | null;
  comments: number | null;
  shares: number | null;
  clicks: number | null;
}

export interface ChannelNumbers {
  followers: number | null;
  /** Posts that the account has on the network. */
  posts: number | null;
}

/** What a network lets an account do in a time, as it told. */
export interface PublishingQuota {
  used: number;
  total: number;
  windowSeconds: number;
}

/** What publishing a post costs, where the network charges for it. */
export interface Price {
  /** In `currency`; several parts are added up. */
  amount: number;
  /** ISO 4217. */
  currency: string;
  source: RuleSource;
}

/**
 * A network, seen from the publishing engine. A connector never sleeps, retries, logs or touches the database; it throws
 * NetworkError and nothing else on purpose, and whatever else it throws counts as ambiguous.
 */
export interface Network {
  id: string;
  /** As people write it. */
  name: string;
  /** The best that it offers; `guaranteeFor` says what one channel has, where links differ. */
  guarantee: GuaranteeClass;
  guaranteeFor?(channel: Pick<ChannelAccess, 'remoteAccountId' | 'grantedScopes'>): GuaranteeClass;
  /** Idempotent networks: how long after the first send they know the key. */
  keyLifetimeSeconds?: number;
  /** True when a full run of the contract suite against the real service has passed (`npm run live`). */
  isProven: boolean;
  /** How accounts are linked in the browser; absent: by a form of its own, or not at all. */
  link?: AccountLink;
  /** What it takes: also what previews and pages check. */
  rules: NetworkRules;
  /** How long an unclear send may still take effect; read back only after that. */
  quarantineSeconds: number;
  /** Longest time one `send` may take. */
  sendTimeoutMs: number;
  /** The idempotency key of a part, from when it is frozen. */
  newKey(deliveryId: string, partNo: number, frozenAt: Date): string;
  /** True where a part refers to the one before already when it is prepared: it is then prepared once that is live. */
  preparesInOrder?: boolean;
  /**
   * True where what was prepared expires (a container, an upload), so that a part which is proved not to be published is prepared once
   * more before it is sent again, with `prepared` as it was: what is still good may be returned as it is.
   */
  preparesAnew?: boolean;
  /** It is told the language of a text. */
  takesLanguage?: boolean;
  /** Everything that can be done ahead and repeated (uploads, containers, resolved mentions). Returns JSON. */
  prepare(call: PrepareCall): Promise<unknown>;
  /** The bytes that `send` will send, for the payload hash. */
  payloadOf(part: Part, channel: ChannelAccess): string;
  /** The one irreversible call. */
  send(call: Call): Promise<SentPart>;
  /** Looks for the part on the network: what it became, or null when it is not there. */
  readBack(call: ReadBackCall): Promise<SentPart | null>;
  /** Removes what was published, last part first; what is gone already counts as removed. Absent: people must do it. */
  takeDown?(call: RemoteCall, parts: readonly SentPart[]): Promise<void>;
  /**
   * What the address of a post on the network's own pages names, when it is a post of this channel; else null. Nothing is
   * asked: whether it is there a person has seen.
   */
  readPermalink(url: URL, channel: Pick<ChannelAccess, 'handle' | 'remoteAccountId'>): SentPart | null;
  /** Posts that one `measure` takes; 1 unless told. */
  measureBatch?: number | ((channel: Pick<ChannelAccess, 'remoteAccountId'>) => number);
  /** The numbers of posts by remote id; one that is gone is left out. Absent: the network tells none. */
  measure?(call: RemoteCall, remoteIds: readonly string[]): Promise<Map<string, PostNumbers>>;
  measureChannel?(call: RemoteCall): Promise<ChannelNumbers>;
  /** What the account may still publish; absent: the network does not tell. */
  readQuota?(call: RemoteCall): Promise<PublishingQuota>;
  /** What the account's own server allows, as the network's rules read it; absent: all servers are alike. */
  readOwnLimits?(call: RemoteCall): Promise<unknown>;
  /** What publishing these texts costs; absent: nothing. */
  priceOf?(texts: readonly string[]): Price;
  /** Credentials that cannot be renewed after their end are renewed when they end within this; absent: when they are needed. */
  refreshAheadSeconds?: number;
  /** Whether these very credentials can be renewed; absent: wherever there is `refresh`. */
  canRenew?(credentials: string): boolean;
  /** New credentials for expired ones; absent where they do not expire. */
  refresh?(channel: ChannelAccess, fetch: GuardedFetch, signal: AbortSignal): Promise<RefreshedCredentials>;
}

export interface RefreshedCredentials {
  credentials: string;
  tokenExpiresAt?: Date;
}
