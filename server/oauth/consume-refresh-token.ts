import type { Context } from '../context.ts';
import { prepared } from '../database/prepared.ts';
import { hashToken } from '../token.ts';

import { FAMILY_DAYS } from './lifetimes.ts';

/**
 * Rotates a refresh token: only if it is still as it was found (compare and set), so of several that try one succeeds.
 * A successor that nobody used becomes void, and the family's own end moves on. The family is locked before its tokens, as
 * a revocation locks them: else one of the two could be the one that a deadlock ends.
 * @param seen `consumed_at` as it was found
 * @returns whether this call rotated it
 */
export async function consumeRefreshToken(
  context: Context,
  token: string,
  seen: string | null,
): Promise<boolean> {
  const rows = await prepared(context)`
    with family as materialized (
      select g.id from oidc_grant g join oidc_token t on t.grant_id = g.id
      where t.id_hash = ${hashToken(token)} for no key update of g
    ), consumed as (
      update oidc_token t set consumed_at = clock_timestamp() from family
      where t.grant_id = family.id and t.id_hash = ${hashToken(token)} and t.kind = 'RefreshToken'
        and t.voided_at is null and t.consumed_at is not distinct from ${seen}::text::timestamptz
      returning t.id_hash, t.grant_id
    ), voided as (
      update oidc_token s set voided_at = clock_timestamp() from consumed
      where s.grant_id = consumed.grant_id and s.kind = 'RefreshToken' and s.predecessor_hash = consumed.id_hash
        and s.consumed_at is null and s.voided_at is null
    ), prolonged as (
      update oidc_grant g set expires_at = clock_timestamp() + make_interval(days => ${FAMILY_DAYS}::int)
      from consumed where g.id = consumed.grant_id
    )
    select 1 from consumed`;
  return rows.length === 1;
}
