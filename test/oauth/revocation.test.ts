import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { findConnection, mayManage } from '../../server/clients/connection-facts.ts';
import { revokeConnection } from '../../server/oauth/connections.ts';
import { moveTime } from '../support/move-time.ts';
import { connectClient, type ScriptedBrowser, type TokenAnswer } from '../support/oauth-client.ts';
import { createOwner } from '../support/test-context.ts';
import { startOAuthApp, type OAuthApp } from './support/oauth-app.ts';

let app: OAuthApp;
let browser: ScriptedBrowser;
beforeAll(async () => {
  app = await startOAuthApp();
});
beforeEach(async () => {
  browser = await app.openBrowser();
});
afterAll(() => app[Symbol.asyncDispose]());

/** A post with one delivery that the connection scheduled, in this state. */
async function addDelivery(connectionId: string, state: string): Promise<string> {
  const { team, person, playgroundChannelId: channelId } = app.owner;
  const suffix = `${connectionId}_${state}`;
  const ids = { campaignId: `cmp_${suffix}`, postId: `pst_${suffix}`, deliveryId: `dlv_${suffix}` };
  const author = { teamId: team.id, createdByPersonId: person.id };
  const at = new Date();
  const isSending = state === 'sending';
  await app.context.db.$transaction([
    app.context.db.campaign.create({
      data: { id: ids.campaignId, name: 'x', goal: 'x', keyMessages: [], ...author },
    }),
    app.context.db.post.create({ data: { id: ids.postId, campaignId: ids.campaignId, ...author } }),
    app.context.db.postRevision.create({
      data: { teamId: team.id, postId: ids.postId, rev: 1, text: 'x', contentHash: new Uint8Array(32) },
    }),
    app.context.db.delivery.create({
      data: {
        id: ids.deliveryId,
        teamId: team.id,
        postId: ids.postId,
        channelId,
        rev: 1,
        state,
        scheduledByConnectionId: connectionId,
        dueAt: at,
        notBefore: at,
        notAfter: at,
        leaseUntil: at,
        ...(isSending ? { sendStartedAt: at, payloadHash: new Uint8Array(32) } : {}),
      },
    }),
  ]);
  return ids.deliveryId;
}

const STOPPED = ['scheduled', 'claimed', 'prepared', 'awaiting_approval'];
const LEFT_ALONE = ['draft', 'cancelled', 'sending'];

async function expectHeld(connectionId: string): Promise<void> {
  const rows = await app.context.db.delivery.findMany({ where: { scheduledByConnectionId: connectionId } });
  const states = Object.fromEntries(rows.map((row) => [row.id.slice(`dlv_${connectionId}_`.length), row]));
  for (const state of STOPPED) {
    expect(states[state]).toMatchObject({ state: 'held', problemCode: 'connection_revoked', fence: 1 });
    expect(states[state]?.problemMessage).toContain('revoked');
  }
  for (const state of LEFT_ALONE) expect(states[state]).toMatchObject({ state, problemCode: null, fence: 0 });
}

async function connect() {
  const client = await connectClient(app.origin, browser);
  const connection = await app.context.db.connection.findFirstOrThrow({
    where: { clientId: client.clientId },
  });
  return { client, connectionId: connection.id };
}

describe('RFC 7009', () => {
  it.each([
    ['access_token', undefined],
    ['access_token', 'refresh_token'],
    ['refresh_token', undefined],
    ['refresh_token', 'refresh_token'],
  ] as const)('an %s given back (hint %s) ends the connection', async (kind, hint) => {
    const { client, connectionId } = await connect();
    for (const state of [...STOPPED, ...LEFT_ALONE]) await addDelivery(connectionId, state);
    const response = await client.revoke(client.tokens[kind], hint ? { token_type_hint: hint } : {});
    expect(response.status).toBe(200);
    expect(await app.judge(client.tokens.access_token)).toBe('invalid');
    expect((await client.refresh(client.tokens.refresh_token)).status).toBe(400);
    const connection = await app.context.db.connection.findUniqueOrThrow({
      where: { id: connectionId },
      include: { families: true, activities: true },
    });
    expect(connection.revokedAt).toBeInstanceOf(Date);
    expect(connection.families).toEqual([]);
    expect(connection.activities.find(({ action }) => action === 'connection.revoked')).toMatchObject({
      actor: 'connection',
      detail: { heldDeliveries: 4 },
    });
    await expectHeld(connectionId);
    await app.context.db.delivery.deleteMany();
  });

  it('works for an access token past its announced hour, and for a refresh token that was rotated', async () => {
    const late = await connect();
    await moveTime(app.context, { hours: 5 });
    await late.client.revoke(late.client.tokens.access_token);
    browser = await app.openBrowser();
    const rotated = await connect();
    const fresh = (await (
      await rotated.client.refresh(rotated.client.tokens.refresh_token)
    ).json()) as TokenAnswer;
    await rotated.client.revoke(rotated.client.tokens.refresh_token);
    expect(await app.judge(late.client.tokens.access_token)).toBe('invalid');
    expect(await app.judge(fresh.access_token)).toBe('invalid');
  });

  it('lets no client give back what is another one’s', async () => {
    const [mine, theirs] = [await connect(), await connect()];
    expect((await mine.client.revoke(theirs.client.tokens.access_token)).status).toBe(200);
    expect((await mine.client.revoke('unknown')).status).toBe(200);
    expect(await app.judge(theirs.client.tokens.access_token)).toBe('ok');
  });
});

describe('revokeConnection', () => {
  it('ends one connection at once and holds what it scheduled; the others go on', async () => {
    const [revoked, kept] = [await connect(), await connect()];
    for (const state of [...STOPPED, ...LEFT_ALONE]) await addDelivery(revoked.connectionId, state);
    const before = await findConnection(app.context, app.owner.caller, revoked.connectionId);
    expect(before).toMatchObject({
      clientName: 'Scripted editor',
      redirectHost: '127.0.0.1',
      personName: app.owner.person.name,
      waitingPosts: 4,
      revokedAt: null,
    });
    expect(mayManage(app.owner.caller, before)).toBe(true);
    expect(await revokeConnection(app.context, app.owner.caller, revoked.connectionId)).toEqual({
      heldDeliveries: 4,
    });
    expect(await app.judge(revoked.client.tokens.access_token)).toBe('invalid');
    expect((await revoked.client.refresh(revoked.client.tokens.refresh_token)).status).toBe(400);
    expect(await app.judge(kept.client.tokens.access_token)).toBe('ok');
    await expectHeld(revoked.connectionId);
    expect(await revokeConnection(app.context, app.owner.caller, revoked.connectionId)).toEqual({
      heldDeliveries: 0,
    });
    const after = await findConnection(app.context, app.owner.caller, revoked.connectionId);
    expect(after).toMatchObject({
      waitingPosts: 0,
      heldPosts: 4,
      state: 'revoked',
      revokedAt: expect.any(Date),
    });
  });

  it('is for the person of the connection and for owners of its team', async () => {
    const { connectionId } = await connect();
    const stranger = await createOwner(app.context);
    await expect(revokeConnection(app.context, stranger.caller, connectionId)).rejects.toMatchObject({
      kind: 'NotFound',
    });
    const editor = { ...stranger.caller, teamId: app.owner.team.id, role: 'editor' as const };
    await expect(revokeConnection(app.context, editor, connectionId)).rejects.toMatchObject({
      kind: 'NotAllowed',
    });
    const self = { ...app.owner.caller, role: 'editor' as const };
    await expect(revokeConnection(app.context, self, connectionId)).resolves.toEqual({ heldDeliveries: 0 });
  });
});
