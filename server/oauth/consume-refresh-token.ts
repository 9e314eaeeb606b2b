import type { Context } from '../context.ts';

import { hashToken } from './token-hash.ts';

const GRANT_DAYS = 180;

/**
 * Rotates a refresh token: only if it is still as it was found (compare and set), so of several that try one succeeds.
 * A successor that nobody used becomes void, and the family's own end moves on.
 * @param seen `consumed_at` as it was found
 * @returns whether this call rotated it
 */
export async function consumeRefreshToken(
  context: Context,
  token: string,
  seen: string | null,
): Promise<boolean> {
  const rows = await context.db.$queryRaw<unknown[]>`
    with consumed as (
      update oidc_token set consumed_at = clock_timestamp()
      where id_hash = ${hashToken(token)} and kind = 'RefreshToken' and voided_at is null
        and consumed_at is not distinct from ${seen}::text::timestamptz
      returning id_hash, grant_id
    ), voided as (
      update oidc_token s set voided_at = clock_timestamp() from consumed
      where s.grant_id = consumed.grant_id and s.kind = 'RefreshToken' and s.predecessor_hash = consumed.id_hash
        and s.consumed_at is null and s.voided_at is null
    ), prolonged as (
      update oidc_grant g set expires_at = clock_timestamp() + make_interval(days => ${GRANT_DAYS}::int)
      from consumed where g.id = consumed.grant_id
    )
    select 1 from consumed`;
  return rows.length === 1;
}
