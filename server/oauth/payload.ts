import type { AdapterPayload } from 'oidc-provider';

/** Without its own id, which is the token, code or cookie value itself and stands in the database only as a hash. */
export function withoutId(payload: AdapterPayload): Omit<AdapterPayload, 'jti'> {
  const { jti: _id, ...rest } = payload;
  return rest;
}

/**
 * As the library wants it back. It judges `exp` and `iat` by this process's clock, so both are told in that clock;
 * PostgreSQL's decides how much of the time is left.
 */
export function revivePayload(
  id: string | null,
  payload: AdapterPayload,
  remainingSeconds: number,
): AdapterPayload {
  const now = Math.floor(Date.now() / 1000);
  return {
    ...payload,
    ...(id === null ? {} : { jti: id }),
    exp: now + Math.ceil(remainingSeconds),
    ...(payload.iat === undefined ? {} : { iat: Math.min(payload.iat, now) }),
  };
}
