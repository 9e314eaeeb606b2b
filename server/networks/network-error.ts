/**
 * What a failed call to a network means for the post.
 * - not_sent: surely not taken (refused connection, DNS, TLS); may be tried again.
 * - rate_limited: surely not taken; not before `until`. So is what only the operator of this server can mend.
 * - auth_expired: surely not taken; refresh the credentials once, then the person reconnects.
 * - rejected: refused for good; a person changes the post.
 * - duplicate: the network says it has this already.
 * - ambiguous: nobody knows; read back before anything else.
 * - blocked: the account may not post at all.
 */
export type NetworkErrorKind =
  'not_sent' | 'rate_limited' | 'auth_expired' | 'rejected' | 'duplicate' | 'ambiguous' | 'blocked';

export class NetworkError extends Error {
  readonly kind: NetworkErrorKind;
  /** The network's own code or status, as evidence; letters, digits and punctuation of a code only. */
  readonly code: string;
  /** rate_limited: when it may be tried again. */
  readonly until: Date | undefined;
  /** rate_limited: whom it binds, one channel or every channel that goes through this app. */
  readonly binds: 'channel' | 'app';
  /** Of a `prepare` that stopped half way: what is there already, for the next one. JSON. */
  readonly prepared: unknown;

  /** @param message safe to show; foreign text belongs in `cause`. */
  constructor(
    kind: NetworkErrorKind,
    code: string,
    message: string,
    options: {
      until?: Date | undefined;
      binds?: 'channel' | 'app';
      prepared?: unknown;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'NetworkError';
    this.kind = kind;
    this.code = code;
    // A server that names a time that there is not tells none.
    this.until = Number.isNaN(options.until?.getTime()) ? undefined : options.until;
    this.binds = options.binds ?? 'channel';
    this.prepared = options.prepared;
  }
}
