import type { GuardedFetch } from '../fetch.ts';

/** An account that a link attempt ended with. Credentials are sealed by the caller and given back as they were. */
export interface LinkedAccount {
  remoteAccountId: string;
  handle: string;
  /** What it is, where accounts differ: `Page`, `Organisation`. */
  kind?: string;
  /** JSON; undefined where the network needs none. */
  credentials?: string;
  tokenExpiresAt?: Date;
  /** What the network let the link do, in its own names. */
  grantedScopes?: readonly string[];
  /** What the account's own server allows, as the network's rules read it. */
  ownLimits?: unknown;
}

/** Keeps this server's registrations with servers of a network (Mastodon), over all teams. */
export interface RegisteredApps {
  find(server: string): Promise<string | null>;
  /** Replaces the one before. */
  store(server: string, credentials: string): Promise<void>;
}

export interface LinkCall {
  /** The full address of our callback. */
  redirectUri: string;
  fetch: GuardedFetch;
  signal: AbortSignal;
  apps: RegisteredApps;
}

/**
 * Linking by the network's own pages: OAuth with state, and PKCE where it is offered. State, its single use and the browser
 * that it belongs to are the caller's.
 */
export interface AccountLink {
  /** Settings without which nobody can link, by the names of .env.example; empty when it is ready. */
  missingSettings: readonly string[];
  /** What a person must have registered with the network besides: scopes, products, in a sentence each. */
  needs: readonly string[];
  /** What the person says first: the address of their server, or their handle; absent: nothing. */
  asksFor?: 'server' | 'handle';
  /** What this server says of itself, where the network reads that at `clientDocumentPath` of ours. JSON. */
  clientDocument?: unknown;
  /**
   * @param answer to `asksFor`
   * @returns where the browser goes, and what `finish` needs to know again (JSON; sealed by the caller); the state, where
   *   another had to go with it: as hard to guess (128 bits or more), and made anew for each
   * @throws NetworkError; AppError InvalidInput for an answer that names no server
   */
  begin(
    call: LinkCall & { state: string; answer: string },
  ): Promise<{ authorizeUrl: URL; memory: unknown; state?: string }>;
  /**
   * @param query of the callback, state checked already
   * @returns the accounts to choose from; one is linked at once
   * @throws NetworkError: rejected when the person refused (`access_denied`) or a scope is missing
   */
  finish(call: LinkCall & { memory: unknown; query: URLSearchParams }): Promise<LinkedAccount[]>;
}
