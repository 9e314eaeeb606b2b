import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { SCOPES } from '../../server/scopes.ts';
import { registerClient, type ScriptedBrowser } from '../support/oauth-client.ts';
import { createOwner } from '../support/test-context.ts';
import { startOAuthApp, type OAuthApp } from './support/oauth-app.ts';
import { boxesOf, textOf } from './support/open-consent.ts';
import { createReplaceScene, type ReplaceScene } from './support/replace-scene.ts';

let app: OAuthApp;
let scene: ReplaceScene;
let browser: ScriptedBrowser;
beforeAll(async () => {
  app = await startOAuthApp();
  scene = await createReplaceScene(app);
});
beforeEach(async () => {
  browser = await app.openBrowser();
});
afterAll(() => app[Symbol.asyncDispose]());

let count = 0;
/** A name of its own, so that no other test's connection seems to be the same client. */
const nextName = () => `Editor number ${(count += 1)}`;

const register = (name = nextName()) => registerClient(app.origin, { client_name: name });
const readConnection = (id: string) => app.context.db.connection.findUniqueOrThrow({ where: { id } });
const LOOK = SCOPES.filter((scope) => scope.endsWith(':read')).join(' ');

describe('the offer to replace earlier connections', () => {
  it('is not made to somebody who connects for the first time', async () => {
    const { page } = await scene.connect({ client: await register(), browser });
    expect([...boxesOf(page).keys()].filter((name) => name.startsWith('replace.'))).toEqual([]);
    expect(page.html).not.toContain('Replace an earlier connection');
  });

  it('is ticked for the very same registration, and counts the posts that move over', async () => {
    const client = await register();
    const first = await scene.connect({ client, browser });
    for (const state of ['scheduled', 'awaiting_approval', 'published', 'cancelled']) {
      await scene.addDelivery({ connectionId: first.connectionId, state });
    }
    const page = await browser.open(client.startAuthorization().url);
    expect(boxesOf(page).get(`replace.${first.connectionId}`)).toBe(true);
    expect(textOf(page)).toContain('2 scheduled posts move over.');
    expect(textOf(page)).toContain('has most likely lost this one');
  });

  it('is made, not ticked, for one that registered anew under the same name and host', async () => {
    const name = nextName();
    const first = await scene.connect({ client: await register(name), browser });
    const page = await browser.open((await register(name)).startAuthorization().url);
    expect(boxesOf(page).get(`replace.${first.connectionId}`)).toBe(false);
    expect(textOf(page)).toContain('names prove nothing');
  });

  it.each([
    ['of another name', { client_name: 'Quite another editor' }],
    ['that is answered elsewhere', { redirect_uris: ['https://elsewhere.example/cb'] }],
  ])('is not made to a client %s', async (_which, metadata) => {
    const name = nextName();
    const first = await scene.connect({ client: await register(name), browser });
    const client = await registerClient(app.origin, { client_name: name, ...metadata });
    const page = await browser.open(client.startAuthorization().url);
    expect(boxesOf(page).has(`replace.${first.connectionId}`)).toBe(false);
  });

  it('never names a connection of somebody else, of another team, or that ended', async () => {
    const name = nextName();
    const client = await register(name);
    const ended = await scene.connect({ client, browser });
    const current = await scene.connect({ client, browser });
    const colleague = await createOwner(app.context);
    await app.context.db.membership.create({
      data: { teamId: app.owner.team.id, personId: colleague.person.id, role: 'owner' },
    });
    const theirs = await scene.connect({
      ...{ client, answer: { team: app.owner.team.id } },
      browser: await app.openBrowser(colleague.person.id),
    });
    expect((await readConnection(ended.connectionId)).revokedAt).not.toBeNull();
    const page = await browser.open(client.startAuthorization().url);
    expect([...boxesOf(page).keys()].filter((box) => box.startsWith('replace.'))).toEqual([
      `replace.${current.connectionId}`,
    ]);
    const forced = { [`replace.${theirs.connectionId}`]: 'yes', [`replace.${ended.connectionId}`]: 'yes' };
    await scene.connect({ client, browser, answer: forced });
    expect((await readConnection(theirs.connectionId)).revokedAt).toBeNull();
  });

  it('leaves the earlier one alone when it is unticked', async () => {
    const client = await register();
    const first = await scene.connect({ client, browser });
    await scene.connect({ client, browser, answer: { [`replace.${first.connectionId}`]: null } });
    expect((await readConnection(first.connectionId)).revokedAt).toBeNull();
    expect(await app.judge(first.tokens.access_token)).toBe('ok');
  });

  it('counts only in the team that is chosen', async () => {
    const second = await createOwner(app.context);
    const { team } = second;
    await app.context.db.membership.create({
      data: { teamId: team.id, personId: app.owner.person.id, role: 'editor' },
    });
    const client = await register();
    const first = await scene.connect({ client, browser, answer: { team: app.owner.team.id } });
    const page = await browser.open(client.startAuthorization().url);
    expect(page.html).toMatch(new RegExp(`<option value="${app.owner.team.id}" selected`));
    await scene.connect({ client, browser, answer: { team: team.id } });
    expect((await readConnection(first.connectionId)).revokedAt).toBeNull();
    await app.context.db.membership.delete({
      where: { teamId_personId: { teamId: team.id, personId: app.owner.person.id } },
    });
  });
});

describe('replacing', () => {
  it('ends the old connection and its tokens at once, and is on record for both', async () => {
    const client = await register();
    const old = await scene.connect({ client, browser });
    const fresh = await scene.connect({ client, browser });
    expect(await app.judge(old.tokens.access_token)).not.toBe('ok');
    expect(await app.judge(fresh.tokens.access_token)).toBe('ok');
    expect((await client.refresh(old.tokens.refresh_token)).status).toBe(400);
    const rows = await app.context.db.activity.findMany({
      where: { connectionId: { in: [old.connectionId, fresh.connectionId] }, actor: 'person' },
      select: { action: true, connectionId: true, target: true },
    });
    expect(rows).toEqual(
      expect.arrayContaining([
        { action: 'connection.revoked', connectionId: old.connectionId, target: old.connectionId },
        { action: 'connection.replaced', connectionId: old.connectionId, target: fresh.connectionId },
        { action: 'connection.created', connectionId: fresh.connectionId, target: fresh.connectionId },
      ]),
    );
  });

  it('moves what waits, and nothing gets further by it', async () => {
    const client = await register();
    const { connectionId } = await scene.connect({ client, browser, answer: { preset: 'publish' } });
    const at = async (state: string, data = {}) => scene.addDelivery({ connectionId, state, data });
    const unasked = await at('scheduled');
    const waiting = await at('awaiting_approval');
    const approved = await at('scheduled');
    await scene.approveDelivery(approved);
    const limited = await at('held', { problemCode: 'connection_limited' });
    const paused = await at('held', { problemCode: 'campaign_paused' });
    const published = await at('published');
    const fresh = await scene.connect({ client, browser, answer: { preset: 'publish' } });
    const under = (id: string) => scene.readDelivery(id);
    const moved = { scheduledByConnectionId: fresh.connectionId, problemCode: null };
    expect(await under(unasked)).toMatchObject({ ...moved, state: 'scheduled' });
    expect(await under(waiting)).toMatchObject({ ...moved, state: 'awaiting_approval' });
    expect(await under(approved)).toMatchObject({ ...moved, state: 'scheduled' });
    expect(await under(limited)).toMatchObject({ ...moved, state: 'awaiting_approval' });
    const left = { scheduledByConnectionId: connectionId };
    expect(await under(paused)).toMatchObject({ ...left, state: 'held', problemCode: 'campaign_paused' });
    expect(await under(published)).toMatchObject({ ...left, state: 'published' });
  });

  it('without publishing moves what went out unasked to where a person is asked', async () => {
    const client = await register();
    const { connectionId } = await scene.connect({ client, browser, answer: { preset: 'publish' } });
    const unasked = await scene.addDelivery({ connectionId, state: 'scheduled' });
    const approved = await scene.addDelivery({ connectionId, state: 'scheduled' });
    await scene.approveDelivery(approved);
    await scene.connect({ client, browser, answer: { preset: 'schedule' } });
    expect((await scene.readDelivery(unasked)).state).toBe('awaiting_approval');
    expect((await scene.readDelivery(approved)).state).toBe('scheduled');
  });

  it.each([
    ['a channel is not allowed', () => ({ [`channel.${app.owner.playgroundChannelId}`]: null })],
    ['the time is past the last day', () => ({ until: '2031-01-01' })],
  ])('where %s asks a person too', async (_why, answer) => {
    const client = await register();
    await app.context.db.channel.upsert({
      where: { id: 'chn_second' },
      create: {
        ...{ id: 'chn_second', teamId: app.owner.team.id, network: 'playground' },
        ...{ handle: 'second', remoteAccountId: 'second' },
      },
      update: {},
    });
    const { connectionId } = await scene.connect({ client, browser, answer: { preset: 'publish' } });
    const dueAt = new Date('2031-06-01T10:00:00Z');
    const data = { dueAt, notBefore: dueAt, notAfter: new Date('2031-06-01T11:00:00Z') };
    const late = await scene.addDelivery({ connectionId, state: 'scheduled', data });
    await scene.connect({ client, browser, answer: { preset: 'publish', ...answer() } });
    expect((await scene.readDelivery(late)).state).toBe('awaiting_approval');
  });

  it('by one that may not schedule moves nothing: it is held for a person', async () => {
    const client = await register();
    const { connectionId } = await scene.connect({ client, browser });
    const delivery = await scene.addDelivery({ connectionId, state: 'scheduled' });
    await scene.connect({ client, browser, scope: LOOK });
    expect(await scene.readDelivery(delivery)).toMatchObject({
      state: 'held',
      problemCode: 'connection_revoked',
      scheduledByConnectionId: connectionId,
    });
  });

  it('does not launder what a stolen token may have scheduled', async () => {
    const client = await register();
    const { connectionId } = await scene.connect({ client, browser, answer: { preset: 'publish' } });
    const before = await scene.addDelivery({ connectionId, state: 'scheduled' });
    await app.context.db
      .$executeRaw`update connection set suspect_since = clock_timestamp() where id = ${connectionId}`;
    const after = await scene.addDelivery({ connectionId, state: 'scheduled' });
    const held = await scene.addDelivery({
      ...{ connectionId, state: 'held' },
      data: { problemCode: 'connection_suspect' },
    });
    const approved = await scene.addDelivery({ connectionId, state: 'scheduled' });
    await scene.approveDelivery(approved);
    await scene.connect({ client, browser, answer: { preset: 'publish' } });
    expect((await scene.readDelivery(before)).state).toBe('scheduled');
    expect((await scene.readDelivery(after)).state).toBe('awaiting_approval');
    expect((await scene.readDelivery(held)).state).toBe('awaiting_approval');
    expect((await scene.readDelivery(approved)).state).toBe('scheduled');
  });

  it('takes what was only prepared out of a worker’s hands, and leaves what may be on its way', async () => {
    const client = await register();
    const { connectionId } = await scene.connect({ client, browser, answer: { preset: 'publish' } });
    const leaseUntil = new Date(Date.now() + 30_000);
    const prepared = await scene.addDelivery({
      connectionId,
      state: 'prepared',
      data: { leaseUntil, fence: 4 },
    });
    const sending = await scene.addDelivery({
      connectionId,
      state: 'sending',
      data: { leaseUntil, fence: 4, sendStartedAt: new Date(), payloadHash: Buffer.alloc(32) },
    });
    const unknown = await scene.addDelivery({ connectionId, state: 'unknown', data: { fence: 4 } });
    const fresh = await scene.connect({ client, browser, answer: { preset: 'publish' } });
    expect(await scene.readDelivery(prepared)).toMatchObject({
      state: 'scheduled',
      scheduledByConnectionId: fresh.connectionId,
      fence: 5,
    });
    for (const [id, state] of [
      [sending, 'sending'],
      [unknown, 'unknown'],
    ] as const) {
      const row = { state, fence: 4, scheduledByConnectionId: connectionId };
      expect(await scene.readDelivery(id)).toMatchObject(row);
    }
  });
});
