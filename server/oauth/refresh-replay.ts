import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

import type { Context } from '../context.ts';
import { prepared } from '../database/prepared.ts';
import { hashToken } from '../token.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Who presents what: another client, secret or scope is another request, and gets no answer that was kept for this one. */
export interface RefreshRequest {
  parameters: URLSearchParams;
  authorization: string;
}

/**
 * The answer that this very request got within the last `REFRESH_REPLAY_SECONDS`, if any, and if it would get one now:
 * the connection may have ended since.
 */
export async function findReplay(context: Context, request: RefreshRequest): Promise<unknown> {
  const { id, key } = deriveKeys(request);
  const [row] = await prepared<{ sealed: Uint8Array }>(context)`
    select r.sealed from refresh_replay r
    join oidc_grant g on g.id = r.grant_id
    join connection c on c.id = g.connection_id and c.revoked_at is null
      and (c.ends_at is null or c.ends_at > clock_timestamp())
    join membership m on m.team_id = c.team_id and m.person_id = c.person_id
    join person p on p.id = c.person_id and p.disabled_at is null
    where r.id_hash = ${id}
      and r.created_at > clock_timestamp() - make_interval(secs => ${context.config.tokens.replaySeconds}::float8)`;
  return row ? JSON.parse(open(key, Buffer.from(row.sealed))) : null;
}

/** Keeps an answer, readable only to whoever presents the same request again, and forgets the family's older ones. */
export async function keepReplay(
  context: Context,
  kept: RefreshRequest & { grantId: string; answer: unknown },
): Promise<void> {
  const { id, key } = deriveKeys(kept);
  await prepared(context)`
    with family as (
      select id from oidc_grant where id = ${kept.grantId} for key share
    ), forgotten as (
      delete from refresh_replay r using family
      where r.grant_id = family.id and r.id_hash <> ${id}
        and r.created_at < clock_timestamp() - make_interval(secs => ${context.config.tokens.replaySeconds}::float8)
    )
    insert into refresh_replay (id_hash, grant_id, sealed, created_at)
    select ${id}, family.id, ${seal(key, JSON.stringify(kept.answer))}, clock_timestamp() from family
    on conflict (id_hash) do update set sealed = excluded.sealed, created_at = excluded.created_at`;
}

function deriveKeys({ parameters, authorization }: RefreshRequest) {
  // A proof is made for one request: another one goes the library's way, which checks it.
  const proof = ['client_secret', 'client_assertion', 'client_assertion_type'];
  const members = ['refresh_token', 'client_id', ...proof, 'scope', 'resource'];
  const material = JSON.stringify([authorization, ...members.map((name) => parameters.getAll(name))]);
  return {
    id: hashToken(`refresh-replay id ${material}`),
    key: Buffer.from(hkdfSync('sha256', material, '', 'refresh-replay key', 32)),
  };
}

function seal(key: Buffer, plaintext: string): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  return new Uint8Array(Buffer.concat([nonce, cipher.getAuthTag(), body]));
}

function open(key: Buffer, sealed: Buffer): string {
  const bodyStart = NONCE_BYTES + TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES)).setAuthTag(
    sealed.subarray(NONCE_BYTES, bodyStart),
  );
  return Buffer.concat([decipher.update(sealed.subarray(bodyStart)), decipher.final()]).toString('utf8');
}
