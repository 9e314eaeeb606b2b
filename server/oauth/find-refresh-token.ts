import type { AdapterPayload } from 'oidc-provider';

import type { Context } from '../context.ts';
import { prepared } from '../database/prepared.ts';
import { hashToken } from '../token.ts';

import { noteRefreshToken } from './refresh-notes.ts';

interface Row {
  payload: AdapterPayload;
  remainingSeconds: number;
  consumedAt: string | null;
  rotatedAt: string | null;
  isVoid: boolean;
  isSuccessorUsed: boolean;
}

/**
 * A refresh token with what became of it. One that was rotated already counts as fresh as long as nobody used its
 * successor: then the answer was lost, and the client may have another. Otherwise somebody holds a copy, and it is
 * returned as consumed, upon which the library ends the family. So is a token that was voided: its predecessor was
 * presented again, and now it is presented too.
 */
export async function findRefreshToken(
  context: Context,
  token: string,
): Promise<{ payload: AdapterPayload; remainingSeconds: number } | undefined> {
  const [row] = await prepared<Row>(context)`
    select t.payload, extract(epoch from t.expires_at - clock_timestamp())::float8 as "remainingSeconds",
      t.consumed_at::text as "consumedAt", t.voided_at is not null as "isVoid",
      coalesce(bool_or(s.consumed_at is not null and s.voided_at is null), false) as "isSuccessorUsed",
      least(case when t.voided_at is not null then t.created_at end, min(s.created_at), t.consumed_at)::text
        as "rotatedAt"
    from oidc_token t
    left join oidc_token s
      on s.grant_id = t.grant_id and s.kind = 'RefreshToken' and s.predecessor_hash = t.id_hash
    where t.id_hash = ${hashToken(token)} and t.kind = 'RefreshToken' and t.expires_at > clock_timestamp()
    group by t.id_hash`;
  if (!row) return undefined;
  noteRefreshToken({ consumedAt: row.consumedAt, rotatedAt: row.rotatedAt });
  const isReplay = row.isVoid || (row.consumedAt !== null && row.isSuccessorUsed);
  const payload = isReplay ? { ...row.payload, consumed: true } : row.payload;
  return { payload, remainingSeconds: row.remainingSeconds };
}
