import { randomBytes } from 'node:crypto';

import { vi } from 'vitest';

import { limitConnection } from '../../server/clients/change-connection.ts';
import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import type { Network } from '../../server/networks/network.ts';
import { revokeConnection } from '../../server/oauth/connections.ts';
import { hashToken } from '../../server/token.ts';
import { changeRole, removeMember } from '../../server/teams/change-member.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { createPublishingTeam, decide, type PublishingTeam } from '../publishing/fixtures.ts';
import type { OAuthClient } from '../support/oauth-client.ts';

const REST_WAIT = { timeout: 20_000, interval: 20 };

export const REVOCATIONS = [
  'revoked in the browser',
  'refresh token given back',
  'access token given back',
  'member removed',
  'role lowered or connection limited',
] as const;
export type Revocation = (typeof REVOCATIONS)[number];

/** What a send must not follow, raced against the guard of one send in the workers' own code. */
export interface RevocationLane {
  race(kind: Revocation, random: () => number): Promise<RaceResult>;
}

export interface RaceResult {
  /** How often the network was called. */
  sends: number;
  /** What is wrong, if anything. */
  problems: string[];
}

interface Target {
  connectionId: string;
  deliveryId: string;
  accessToken: string;
  refreshToken: string;
}

/** A team of its own, whose editor is the one that is taken away; one race at a time. */
export async function openRevocationLane(context: Context, client: OAuthClient): Promise<RevocationLane> {
  const team = await createPublishingTeam(context);
  const editorId = newId('person');
  await context.db.person.create({
    data: { id: editorId, email: `${editorId}@example.com`, name: 'Ed Editor', passwordHash: 'none' },
  });
  const seat = { teamId: team.team.id, personId: editorId };
  const revoke: Record<Revocation, (target: Target, random: () => number) => Promise<void>> = {
    'revoked in the browser': async ({ connectionId }) => {
      await revokeConnection(context, team.caller, connectionId);
    },
    'refresh token given back': ({ refreshToken }) => giveBack(client, refreshToken),
    'access token given back': ({ accessToken }) => giveBack(client, accessToken),
    'member removed': () => removeMember(context, team.caller, editorId),
    'role lowered or connection limited': async ({ connectionId }, random) => {
      if (random() < 0.5) await changeRole(context, team.caller, { personId: editorId, role: 'viewer' });
      else await limitConnection(context, team.caller, { connectionId, keep: ['schedule:read'] });
    },
  };

  return {
    async race(kind, random) {
      await context.db.membership.upsert({
        where: { teamId_personId: seat },
        create: { ...seat, role: 'editor' },
        update: { role: 'editor' },
      });
      const target = await createTarget(context, team, editorId, client.clientId);
      const network = createWatchedNetwork(context, target.deliveryId);
      const watched: Context = { ...context, networks: new Map([['playground', network.connector]]) };
      const publishing = publishDelivery(watched, target.deliveryId);
      await Promise.race([network.isPrepared, publishing]);

      const [revocationWaits, sendWaits] = [Math.floor(random() * 8), Math.floor(random() * 8)];
      const revoking = burnRoundTrips(context, revocationWaits).then(() => revoke[kind](target, random));
      const read = revoking.then(async () => {
        const revokedAtMs = performance.now();
        const { state } = await readDelivery(context, target.deliveryId);
        return { revokedAtMs, state };
      });
      void burnRoundTrips(context, sendWaits).then(network.goOn);
      const problems: string[] = [];
      const after = await read.catch(
        (error: unknown) => void problems.push(`the revocation failed: ${String(error)}`),
      );
      await publishing;
      const final = await comeToRest(watched, target.deliveryId);

      const { sends, guardedAtMs } = network.seen;
      const expected = sends > 0 ? 'published' : 'held';
      if (final.state !== expected) problems.push(`${sends} sends, and it is ${final.state}`);
      if (sends > 1) problems.push(`${sends} sends`);
      if (after && sends > 0 && guardedAtMs > after.revokedAtMs)
        problems.push('sent after the answer to the revocation');
      if (after && sends > 0 && ['scheduled', 'claimed', 'prepared', 'held'].includes(after.state)) {
        problems.push(`sent, although it was ${after.state} after the revocation`);
      }
      return { sends, problems };
    },
  };
}

async function giveBack(client: OAuthClient, token: string): Promise<void> {
  const response = await client.revoke(token);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
}

/** So that the two sides meet at every distance. */
async function burnRoundTrips(context: Context, count: number): Promise<void> {
  for (let trip = 0; trip < count; trip += 1) await context.db.$executeRaw`select 1`;
}

function readDelivery(context: Context, id: string) {
  return context.db.delivery.findUniqueOrThrow({ where: { id }, select: { state: true, problemCode: true } });
}

/** A guard that had to give way leaves the delivery to the next try, a moment later. */
async function comeToRest(context: Context, deliveryId: string) {
  return vi.waitFor(async () => {
    await publishDelivery(context, deliveryId);
    const delivery = await readDelivery(context, deliveryId);
    if (delivery.state !== 'published' && delivery.state !== 'held')
      throw new Error(`it is ${delivery.state}`);
    return delivery;
  }, REST_WAIT);
}

/** Takes every post, after waiting once at the last step before the guard. */
function createWatchedNetwork(context: Context, deliveryId: string) {
  const seen = { sends: 0, guardedAtMs: 0 };
  const prepared = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const connector: Network = {
    ...context.networks.get('playground')!,
    async prepare() {
      prepared.resolve();
      await released.promise;
      return null;
    },
    payloadOf(part) {
      if (part.deliveryId === deliveryId) seen.guardedAtMs = performance.now();
      return part.text;
    },
    async send({ part }) {
      if (part.deliveryId === deliveryId) seen.sends += 1;
      return { remoteId: part.deliveryId, remoteUrl: 'http://127.0.0.1/post' };
    },
  };
  return { connector, seen, isPrepared: prepared.promise, goOn: released.resolve };
}

/** A connection of the editor with live tokens, and an approved post of it that is due. */
async function createTarget(
  context: Context,
  team: PublishingTeam,
  personId: string,
  clientId: string,
): Promise<Target> {
  const { db } = context;
  const teamId = team.team.id;
  const [connectionId, postId, deliveryId] = [newId('connection'), newId('post'), newId('delivery')];
  const grantId = randomBytes(16).toString('hex');
  const [accessToken, refreshToken] = [randomBytes(32), randomBytes(32)].map((bytes) =>
    bytes.toString('base64url'),
  );
  const scopes = ['schedule:read', 'schedule:write', 'posts:publish'];
  const now = Math.floor(Date.now() / 1000);
  const toRow = (token: string, kind: string) => ({
    idHash: hashToken(token),
    kind,
    grantId,
    payload: {
      kind,
      accountId: personId,
      clientId,
      grantId,
      iat: now,
      exp: now + 3600,
      scope: scopes.join(' '),
    },
    expiresAt: new Date(Date.now() + 3_600_000),
  });
  const contentHash = new Uint8Array(32);
  await db.$transaction(async (tx) => {
    const redirect = { clientName: 'Raced editor', redirectHost: '127.0.0.1' };
    await tx.connection.create({
      data: { id: connectionId, teamId, personId, clientId, ...redirect, scopes },
    });
    await tx.oidcGrant.create({
      data: {
        id: grantId,
        connectionId,
        payload: { accountId: personId, clientId },
        expiresAt: new Date(Date.now() + 3_600_000),
      },
    });
    await tx.oidcToken.createMany({
      data: [toRow(accessToken!, 'AccessToken'), toRow(refreshToken!, 'RefreshToken')],
    });
    await tx.post.create({
      data: { id: postId, teamId, campaignId: team.campaignId, createdByPersonId: personId },
    });
    await tx.postRevision.create({ data: { teamId, postId, rev: 1, text: 'Raced', contentHash } });
    await tx.caption.create({
      data: { teamId, postId, rev: 1, channelId: team.playgroundChannelId, parts: ['Raced'] },
    });
    await decide(tx, team, { postId, contentHash }, 'approved');
    await tx.$executeRaw`
      insert into delivery (id, team_id, post_id, channel_id, rev, state, due_at, not_before, not_after, scheduled_at,
        scheduled_by_connection_id)
      select ${deliveryId}, ${teamId}, ${postId}, ${team.playgroundChannelId}, 1, 'scheduled', now, now,
        now + interval '30 minutes', now, ${connectionId}
      from (select clock_timestamp() as now) as times`;
  });
  return { connectionId, deliveryId, accessToken: accessToken!, refreshToken: refreshToken! };
}
