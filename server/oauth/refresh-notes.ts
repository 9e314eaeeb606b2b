import Provider from 'oidc-provider';

/** What was seen of a refresh token when it was found, for the steps that follow in the same request. */
export interface RefreshNote {
  /** As PostgreSQL wrote it, to the microsecond: consuming the token compares with it. */
  consumedAt: string | null;
  /** When the token was first rotated, if it was: what is under suspicion when it turns out to be replayed. */
  rotatedAt: string | null;
}

const notes = new WeakMap<object, RefreshNote>();

export function noteRefreshToken(note: RefreshNote): void {
  if (Provider.ctx) notes.set(Provider.ctx, note);
}

export function refreshNote(): RefreshNote {
  return (Provider.ctx && notes.get(Provider.ctx)) ?? { consumedAt: null, rotatedAt: null };
}
