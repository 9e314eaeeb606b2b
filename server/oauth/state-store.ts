import type { Adapter, AdapterPayload } from 'oidc-provider';

import type { Context } from '../context.ts';
import { hashToken } from '../token.ts';

import { revivePayload, withoutId } from './payload.ts';

/** The library's sessions and interactions: what a browser's cookies stand for. */
export function createStateStore(context: Context, kind: string): Adapter {
  const find = async (where: { idHash: Uint8Array<ArrayBuffer> } | { uid: string }, id: string | null) => {
    const uid = 'uid' in where ? where.uid : null;
    const idHash = 'idHash' in where ? where.idHash : null;
    const [row] = await context.db.$queryRaw<{ payload: AdapterPayload; remainingSeconds: number }[]>`
      select payload, extract(epoch from expires_at - clock_timestamp())::float8 as "remainingSeconds"
      from oidc_state
      where kind = ${kind} and (id_hash = ${idHash}::bytea or uid = ${uid}::text) and expires_at > clock_timestamp()`;
    if (!row) return undefined;
    const payload = revivePayload(id, row.payload, row.remainingSeconds);
    return kind === 'Interaction'
      ? { ...payload, returnTo: `${context.publicUrl}/authorize/${id}` }
      : payload;
  };
  return {
    async upsert(id, payload, expiresIn) {
      await upsertState(context, { kind, id, payload, expiresIn: expiresIn ?? 0 });
    },
    find: (id) => find({ idHash: hashToken(id) }, id),
    findByUid: (uid) => find({ uid }, null),
    async destroy(id) {
      await context.db.oidcState.deleteMany({ where: { kind, idHash: hashToken(id) } });
    },
    async consume() {},
    async revokeByGrantId() {},
    async findByUserCode() {},
  };
}

async function upsertState(
  context: Context,
  state: { kind: string; id: string; payload: AdapterPayload; expiresIn: number },
): Promise<void> {
  const { kind, id, expiresIn } = state;
  const idHash = hashToken(id);
  const payload = JSON.stringify(withoutSecrets(kind, state.payload));
  const uid = kind === 'Session' ? (state.payload.uid ?? null) : null;
  // A session gets a new id at every authorization but keeps its uid; two tabs may do that at the same time.
  if (uid !== null) {
    await context.db.$executeRaw`
      insert into oidc_state (kind, id_hash, uid, payload, expires_at)
      values (${kind}, ${idHash}, ${uid}, ${payload}::jsonb,
              clock_timestamp() + make_interval(secs => ${expiresIn}::float8))
      on conflict (uid) do update
        set id_hash = excluded.id_hash, payload = excluded.payload, expires_at = excluded.expires_at`;
    return;
  }
  await context.db.$executeRaw`
    insert into oidc_state (kind, id_hash, payload, expires_at)
    values (${kind}, ${idHash}, ${payload}::jsonb, clock_timestamp() + make_interval(secs => ${expiresIn}::float8))
    on conflict (kind, id_hash) do update set payload = excluded.payload, expires_at = excluded.expires_at`;
}

/** An interaction also carries the session cookie's value (never read back) and its own id within a URL. */
function withoutSecrets(kind: string, payload: AdapterPayload): Record<string, unknown> {
  const rest: Record<string, unknown> = withoutId(payload);
  if (kind !== 'Interaction') return rest;
  const {
    returnTo: _ownId,
    session,
    ...interaction
  } = rest as { returnTo?: string; session?: { cookie?: string } };
  if (!session) return interaction;
  const { cookie: _cookie, ...kept } = session;
  return { ...interaction, session: kept };
}
