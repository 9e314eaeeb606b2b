import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { limitConnection, setConnectionEnd } from '../../server/clients/change-connection.ts';
import { readClientHistory } from '../../server/clients/client-history.ts';
import { findConnection, findConnectionFacts } from '../../server/clients/connection-facts.ts';
import { purgeClients } from '../../server/clients/purge-clients.ts';
import { findStrayVisitors } from '../../server/clients/stray-visitors.ts';
import type { Context } from '../../server/context.ts';
import { purgeExpired } from '../../server/database/purge-expired.ts';
import { addClient, addClientConnection, addClientEvents } from '../http/support/clients-scene.ts';
import { moveTime } from '../support/move-time.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';

let context: Context;
let mine: TestOwner;
let other: TestOwner;

beforeAll(async () => {
  context = await openTestContext();
  mine = await createOwner(context);
});
afterAll(() => context[Symbol.asyncDispose]());

async function readKinds(owner: TestOwner, clientId: string): Promise<string[]> {
  const all = await context.db.connection.findMany({ where: { teamId: owner.team.id, clientId } });
  const connections = (
    await Promise.all(
      all.map(({ id }) => findConnectionFacts(context, owner.caller, { kind: 'one', connectionId: id })),
    )
  ).flat();
  const history = await readClientHistory(context, owner.caller, { clientIds: [clientId], connections });
  return history.steps.map(({ kind, reason }) => (reason ? `${kind}: ${reason}` : kind));
}

describe('who did not get in', () => {
  it('is told to the owner of the only team, with what went wrong', async () => {
    await addClientEvents(context, [
      { kind: 'wrong_path', address: '198.51.100.1', userAgent: 'Lost/1', reason: 'GET /sse' },
      { kind: 'wrong_path', address: '198.51.100.3', userAgent: 'grantcast-doctor', reason: 'GET /sse' },
      {
        kind: 'wrong_path',
        address: '198.51.100.2',
        userAgent: 'Found/1',
        reason: 'GET /sse',
        minutesAgo: 5,
      },
      {
        kind: 'registered',
        address: '198.51.100.2',
        userAgent: 'Found/1',
        clientId: 'dyn_found',
        minutesAgo: 4,
      },
    ]);
    const strays = await findStrayVisitors(context, mine.caller);
    expect(strays.map(({ userAgent, diagnoses }) => [userAgent, diagnoses.map(({ code }) => code)])).toEqual([
      ['Lost/1', ['wrong_path']],
    ]);
    expect(await findStrayVisitors(context, { ...mine.caller, role: 'editor' })).toEqual([]);
  });

  it('is told to nobody where there are several teams', async () => {
    other = await createOwner(context);
    expect(await findStrayVisitors(context, mine.caller)).toEqual([]);
  });
});

describe('the history of a client', () => {
  it('has what came before its registration from the same program, and nothing of another', async () => {
    const { id, clientId } = await addClientConnection(context, mine.caller, { clientName: 'With a past' });
    const from = { address: '203.0.113.50', userAgent: 'Past/1.0' };
    await addClientEvents(context, [
      { ...from, kind: 'bearer_missing', minutesAgo: 62 },
      { ...from, kind: 'metadata_read', minutesAgo: 62 },
      { ...from, kind: 'metadata_read', minutesAgo: 90, reason: 'long before' },
      { ...from, kind: 'metadata_read', minutesAgo: 62, userAgent: 'Another/2.0', reason: 'another program' },
      { ...from, kind: 'metadata_read', minutesAgo: 62, address: '203.0.113.51', reason: 'another place' },
      { ...from, kind: 'registered', clientId, minutesAgo: 61 },
      { ...from, kind: 'token_issued', clientId, connectionId: id, minutesAgo: 60 },
      { ...from, kind: 'bearer_missing', minutesAgo: 30, reason: 'afterwards' },
    ]);
    expect(await readKinds(mine, clientId)).toEqual([
      'bearer_missing',
      'metadata_read',
      'registered',
      'token_issued',
      'bearer_missing: afterwards',
    ]);
  });

  it('shows a team only what is its own of a client that many share', async () => {
    const ours = await addClientConnection(context, mine.caller, { clientName: 'Shared' });
    const { clientId } = ours;
    const theirs = await addClientConnection(context, other.caller, { clientName: 'Shared', clientId });
    const [us, them] = [{ address: '203.0.113.60' }, { address: '203.0.113.61' }];
    await addClientEvents(context, [
      { ...us, kind: 'consent_shown', clientId, personId: mine.person.id, reason: 'ours' },
      { ...us, kind: 'token_issued', clientId, connectionId: ours.id, reason: 'ours' },
      { ...us, kind: 'token_refused', clientId, reason: 'ours' },
      { ...them, kind: 'consent_shown', clientId, personId: other.person.id, reason: 'theirs' },
      { ...them, kind: 'token_issued', clientId, connectionId: theirs.id, reason: 'theirs' },
      { ...them, kind: 'token_refused', clientId, reason: 'theirs' },
    ]);
    const reasons = async (owner: TestOwner) =>
      new Set((await readKinds(owner, clientId)).map((step) => step.split(': ')[1]));
    expect(await reasons(mine)).toEqual(new Set(['ours']));
    expect(await reasons(other)).toEqual(new Set(['theirs']));
  });
});

describe('a connection of another team', () => {
  it('is not there, whatever is asked of it', async () => {
    const { id } = await addClientConnection(context, other.caller, { clientName: 'Of the others' });
    const missing = { kind: 'NotFound' };
    await expect(findConnection(context, mine.caller, id)).rejects.toMatchObject(missing);
    const input = { connectionId: id, keep: ['campaigns:read'] as const, lastDay: null };
    await expect(limitConnection(context, mine.caller, input)).rejects.toMatchObject(missing);
    await expect(setConnectionEnd(context, mine.caller, input)).rejects.toMatchObject(missing);
    expect((await findConnection(context, other.caller, id)).scopes).toHaveLength(11);
  });
});

describe('after 30 days', () => {
  it('steps are forgotten; until then so is no client that a person was asked about', async () => {
    const clientId = await addClient(context, 'Was asked about');
    await addClientEvents(context, [{ kind: 'consent_shown', clientId, personId: mine.person.id }]);
    await moveTime(context, { days: 29 });
    await purgeExpired(context.db);
    await purgeClients(context);
    expect(await context.db.client.findUnique({ where: { id: clientId } })).not.toBeNull();
    expect(await context.db.clientEvent.count()).toBeGreaterThan(5);
    await moveTime(context, { days: 1 });
    await purgeExpired(context.db);
    expect(await context.db.clientEvent.count()).toBe(0);
    await purgeClients(context);
    expect(await context.db.client.findUnique({ where: { id: clientId } })).toBeNull();
  });
});
