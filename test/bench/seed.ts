import { createHash, randomBytes } from 'node:crypto';

import { readConfig } from '../../server/config.ts';
import { openContext } from '../../server/context.ts';
import { connectOwner } from '../../server/database/client.ts';
import { migrateDatabase } from '../../server/database/migrate.ts';
import { newId } from '../../server/ids.ts';
import { SCOPES } from '../../server/scopes.ts';
import { findFreePort } from '../support/free-port.ts';

export interface BenchTeam {
  token: string;
  publicUrl: string;
  secretKey: string;
}

/** A migrated database with one team, one connection that may do everything, and its access token. */
export async function seedBenchTeam(databaseUrl: string, counts: { campaigns: number }): Promise<BenchTeam> {
  const owner = connectOwner(databaseUrl);
  await migrateDatabase(owner);
  await owner.end();

  const publicUrl = `http://127.0.0.1:${await findFreePort()}`;
  const secretKey = randomBytes(32).toString('base64url');
  const config = readConfig({ LOG_LEVEL: 'error', PUBLIC_URL: publicUrl });
  await using context = openContext({ config, publicUrl, databaseUrl, secretKey });
  const { db } = context;
  const teamId = newId('team');
  const personId = newId('person');
  const connectionId = newId('connection');
  await db.person.create({
    data: { id: personId, email: 'bench@example.com', name: 'Bench', passwordHash: 'none' },
  });
  await db.team.create({ data: { id: teamId, name: 'Bench', timeZone: 'Europe/Berlin' } });
  await db.membership.create({ data: { teamId, personId, role: 'owner' } });
  await db.client.create({ data: { id: 'dyn_bench', payload: { client_id: 'dyn_bench' } } });
  await db.connection.create({
    data: {
      id: connectionId,
      teamId,
      personId,
      clientId: 'dyn_bench',
      clientName: 'Bench',
      redirectHost: '127.0.0.1',
      scopes: [...SCOPES],
    },
  });
  const inAnHour = new Date(Date.now() + 3_600_000);
  await db.oidcGrant.create({ data: { id: 'bench', connectionId, payload: {}, expiresAt: inAnHour } });
  const token = randomBytes(32).toString('base64url');
  await db.oidcToken.create({
    data: {
      idHash: new Uint8Array(createHash('sha256').update(token).digest()),
      kind: 'AccessToken',
      grantId: 'bench',
      payload: { aud: `${publicUrl}/mcp`, scope: SCOPES.join(' ') },
      expiresAt: inAnHour,
      announcedUntil: inAnHour,
    },
  });
  await db.campaign.createMany({
    data: Array.from({ length: counts.campaigns }, (_, index) => ({
      id: newId('campaign'),
      teamId,
      name: `Campaign ${index + 1}`,
      goal: 'Be measured',
      keyMessages: ['one', 'two'],
      createdByPersonId: personId,
    })),
  });
  return { token, publicUrl, secretKey };
}
