import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { readConfig } from '../../server/config.ts';
import { openContext, type Context } from '../../server/context.ts';
import type { PersonCaller } from '../../server/caller.ts';
import { newId } from '../../server/ids.ts';
import { addDefaultSlots } from '../../server/scheduling/add-default-slots.ts';
import { createTestDatabase } from './test-database.ts';

/** A context on an own database and an own data directory. `settings` are by the names of .env.example; PUBLIC_URL is http://127.0.0.1:3000 unless given. */
export async function openTestContext(settings: Record<string, string> = {}): Promise<Context> {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'grantcast-'));
  const config = readConfig({
    LOG_LEVEL: 'silent',
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    ...settings,
  });
  const context = openContext({
    config,
    publicUrl: config.publicUrl ?? 'http://127.0.0.1:3000',
    databaseUrl: database.url,
    secretKey: 'a test secret of at least 32 characters',
  });
  return {
    ...context,
    async [Symbol.asyncDispose]() {
      await context[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export interface TestOwner {
  person: { id: string; email: string; name: string };
  team: { id: string; name: string; timeZone: string };
  caller: PersonCaller;
  playgroundChannelId: string;
}

/** A person who owns a team with a Playground channel. The password is not one: sign-in tests make theirs by the set-up page. */
export async function createOwner(
  context: Context,
  input: { email?: string; name?: string; timeZone?: string } = {},
): Promise<TestOwner> {
  const suffix = newId('person').slice(-8);
  const person = await context.db.person.create({
    data: {
      id: newId('person'),
      email: input.email ?? `owner-${suffix}@example.com`,
      name: input.name ?? 'Olivia Owner',
      passwordHash: 'none',
    },
  });
  const team = await context.db.team.create({
    data: { id: newId('team'), name: `Team ${suffix}`, timeZone: input.timeZone ?? 'Europe/Berlin' },
  });
  await context.db.membership.create({ data: { teamId: team.id, personId: person.id, role: 'owner' } });
  const channel = await context.db.channel.create({
    data: {
      id: newId('channel'),
      teamId: team.id,
      network: 'playground',
      handle: 'playground',
      remoteAccountId: `playground-${team.id}`,
    },
  });
  await addDefaultSlots(context.db, { teamId: team.id, channelId: channel.id });
  return {
    person,
    team,
    caller: { kind: 'person', teamId: team.id, personId: person.id, role: 'owner' },
    playgroundChannelId: channel.id,
  };
}
