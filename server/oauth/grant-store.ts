import Provider, { errors, type Adapter, type AdapterPayload } from 'oidc-provider';

import type { Context } from '../context.ts';
import { prepared } from '../database/prepared.ts';

import { endConnection } from './end-connection.ts';
import { endFamily } from './end-family.ts';
import { revivePayload, withoutId } from './payload.ts';
import { refreshNote } from './refresh-notes.ts';

/** The library's grant: one row per authorization, the token family of a connection. Never marked, only deleted. */
export function createGrantStore(context: Context): Adapter {
  return {
    async upsert(id, payload, expiresIn) {
      const connectionId = (payload as { connectionId?: unknown }).connectionId;
      if (typeof connectionId !== 'string') throw new errors.InvalidGrant('a grant needs a connection');
      await context.db.$executeRaw`
        insert into oidc_grant (id, connection_id, payload, created_at, expires_at)
        values (${id}, ${connectionId}, ${JSON.stringify(withoutId(payload))}::jsonb, clock_timestamp(),
                clock_timestamp() + make_interval(secs => ${expiresIn ?? 0}::float8))
        on conflict (id) do update set payload = excluded.payload, expires_at = excluded.expires_at`;
    },
    async find(id) {
      const found = await findLiveGrant(context, id);
      return found && revivePayload(id, found.payload, found.remainingSeconds);
    },
    async destroy(id) {
      if (Provider.ctx?.oidc.route === 'revocation') await endConnectionOf(context, id);
      else await endFamily(context, id, refreshNote().rotatedAt);
    },
    async consume() {},
    async revokeByGrantId() {},
    async findByUid() {},
    async findByUserCode() {},
  };
}

interface FoundGrant {
  payload: AdapterPayload;
  remainingSeconds: number;
}

/** Nothing is issued under a grant whose connection was revoked, or whose person lost the team (findAccount asks for the account). */
async function findLiveGrant(context: Context, id: string): Promise<FoundGrant | undefined> {
  const [row] = await prepared<FoundGrant>(context)`
    select g.payload, extract(epoch from g.expires_at - clock_timestamp())::float8 as "remainingSeconds"
    from oidc_grant g
    join connection c on c.id = g.connection_id and c.revoked_at is null
      and (c.ends_at is null or c.ends_at > clock_timestamp())
    join membership m on m.team_id = c.team_id and m.person_id = c.person_id
    where g.id = ${id} and g.expires_at > clock_timestamp()`;
  return row;
}

/** A client that gives a token back (RFC 7009) ends its connection, as a person does on the Connections page. */
async function endConnectionOf(context: Context, grantId: string): Promise<void> {
  await context.db.$transaction(async (tx) => {
    const grant = await tx.oidcGrant.findUnique({ where: { id: grantId }, include: { connection: true } });
    if (!grant) return;
    const { id: connectionId, teamId, personId } = grant.connection;
    await endConnection(tx, { connectionId, teamId, personId, revokedById: null, address: Provider.ctx?.ip });
  });
}
