import type { FakeAnswer, FakeClock, FakeRequest } from '../fake-server.ts';

/** What servers that speak the protocol differ in. */
export interface MastodonTraits {
  /** Since 4.3: /.well-known/oauth-authorization-server, and with it PKCE. */
  hasMetadata: boolean;
  /** Since 4.0. */
  hasInstanceV2: boolean;
  /** Since 4.3: several posts in one call. */
  hasBatch: boolean;
  /** UUIDs on other software. */
  ids: 'snowflake' | 'uuid';
  limits: {
    max_characters: number;
    max_media_attachments: number;
    characters_reserved_per_url: number;
    description_limit: number;
    image_size_limit: number;
    image_matrix_limit: number;
  };
  /** A picture is worked on for so long after its upload; 0: it is ready at once, as images are since 4.0. */
  processingSeconds: number;
  /** The key of a post is written down so long after it: what finds it missing meanwhile posts again. 0: since there is a lock. */
  keyWrittenAfterSeconds: number;
}

export const TRAITS: MastodonTraits = {
  hasMetadata: true,
  hasInstanceV2: true,
  hasBatch: true,
  ids: 'snowflake',
  limits: {
    max_characters: 500,
    max_media_attachments: 4,
    characters_reserved_per_url: 23,
    description_limit: 1500,
    image_size_limit: 16_777_216,
    image_matrix_limit: 33_177_600,
  },
  processingSeconds: 0,
  keyWrittenAfterSeconds: 0,
};

export interface MastodonAccount {
  id: string;
  username: string;
  followersCount: number;
  /** A moderator did it. */
  isDisabled: boolean;
}

export interface StoredMedia {
  id: string;
  accountId: string;
  description: string | null;
  bytes: Uint8Array<ArrayBuffer>;
  mimeType: string;
  readyAt: Date;
  /** The server cannot make anything of it. */
  isBroken: boolean;
  statusId: string | null;
}

export interface StoredStatus {
  id: string;
  accountId: string;
  appName: string;
  text: string;
  createdAt: Date;
  inReplyToId: string | null;
  visibility: string;
  mediaIds: readonly string[];
  counts: { favourites: number; replies: number; reblogs: number; quotes: number };
}

export interface MastodonState {
  url: string;
  traits: MastodonTraits;
  accounts: Map<string, MastodonAccount>;
  media: Map<string, StoredMedia>;
  /** Oldest first. */
  statuses: StoredStatus[];
  /** By account and key; known from a moment until another. */
  keys: Map<string, { statusId: string; from: Date; until: Date }>;
  clock: FakeClock;
  newId(): string;
  /** A call that the documentation does not know. */
  complain(what: string): void;
}

/** A signed-in request, its parameters read. */
export interface MastodonRequest {
  state: MastodonState;
  account: MastodonAccount;
  appName: string;
  request: FakeRequest;
  parameters: Parameters;
}

export type Parameters = Record<string, string | string[] | File>;

export const refuse = (status: number, error: string): FakeAnswer => ({ status, body: { error } });
export const NOT_FOUND = refuse(404, 'Record not found');
