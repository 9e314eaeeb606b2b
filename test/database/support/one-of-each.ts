import type { Database } from '../../../server/database/client.ts';

const soon = new Date(Date.now() + 3_600_000);
const now = new Date();
const bytes = () => new Uint8Array([1]);

/** A row in every table: one team with everything it can have, and a delivery that was published. */
export async function insertOneOfEach(db: Database): Promise<void> {
  await db.$transaction(async (tx) => {
    await insertPeople(tx);
    await insertAuthorization(tx);
    await insertPost(tx);
    await insertDelivery(tx);
  });
}

type Tx = Parameters<Parameters<Database['$transaction']>[0]>[0];

async function insertPeople(tx: Tx): Promise<void> {
  await tx.person.create({ data: { id: 'per_1', email: 'a@example.com', name: 'A', passwordHash: 'none' } });
  await tx.browserSession.create({ data: { tokenHash: bytes(), personId: 'per_1', expiresAt: soon } });
  await tx.setupLink.create({ data: { tokenHash: bytes() } });
  await tx.team.create({ data: { id: 'team_1', name: 'T', timeZone: 'Europe/Berlin' } });
  await tx.membership.create({ data: { teamId: 'team_1', personId: 'per_1', role: 'owner' } });
  await tx.signingKey.create({ data: { id: 'key_1', sealed: bytes() } });
  await tx.rateLimit.create({ data: { key: 'k' } });
  await tx.externalIdentity.create({
    data: { issuer: 'https://login.example', subject: 's', personId: 'per_1', email: 'a@example.com' },
  });
  await tx.invitation.create({
    data: {
      ...{ id: 'inv_1', tokenHash: bytes(), teamId: 'team_1', email: 'b@example.com', role: 'editor' },
      ...{ invitedById: 'per_1', expiresAt: soon },
    },
  });
  await tx.networkApp.create({
    data: { network: 'mastodon', server: 'https://mastodon.example', sealed: bytes() },
  });
  await tx.channelLink.create({
    data: {
      ...{ id: 'lnk_1', stateHash: bytes(), browserHash: bytes(), teamId: 'team_1', personId: 'per_1' },
      ...{ network: 'x', sealed: bytes() },
    },
  });
  await tx.killSwitch.create({
    data: { id: 'ksw_1', teamId: 'team_1', kind: 'network', target: 'x', reason: 'R', createdById: 'per_1' },
  });
  await tx.webhook.create({
    data: { id: 'whk_1', teamId: 'team_1', url: 'https://hooks.example/1', sealedSecret: bytes() },
  });
  await tx.notice.create({
    data: { id: 'not_1', teamId: 'team_1', kind: 'channel.needs_reconnect', target: 'chn_1', detail: {} },
  });
  await tx.webhookCall.create({ data: { teamId: 'team_1', webhookId: 'whk_1', noticeId: 'not_1' } });
  await tx.companySignIn.create({ data: { stateHash: bytes(), browserHash: bytes(), sealed: bytes() } });
}

async function insertAuthorization(tx: Tx): Promise<void> {
  await tx.client.create({ data: { id: 'client', payload: {} } });
  await tx.connection.create({
    data: {
      ...{ id: 'con_1', teamId: 'team_1', personId: 'per_1', clientId: 'client' },
      ...{ clientName: 'Editor', redirectHost: '127.0.0.1', scopes: ['captions:read'] },
    },
  });
  await tx.clientDocument.create({ data: { url: 'https://client.example/id.json', body: '{}' } });
  await tx.clientEvent.create({ data: { id: 'evt_1', kind: 'registered', clientId: 'client' } });
  await tx.policyRule.create({
    data: {
      ...{ id: 'rul_1', teamId: 'team_1', connectionId: 'con_1', createdById: 'per_1' },
      ...{ condition: 'daily_cap', effect: 'ask', postsPerDay: 3 },
    },
  });
  await tx.oidcGrant.create({ data: { id: 'gra_1', connectionId: 'con_1', payload: {}, expiresAt: soon } });
  await tx.oidcToken.create({
    data: { idHash: bytes(), kind: 'AccessToken', grantId: 'gra_1', payload: {}, expiresAt: soon },
  });
  await tx.oidcState.create({ data: { kind: 'Session', idHash: bytes(), payload: {}, expiresAt: soon } });
  await tx.refreshReplay.create({ data: { idHash: bytes(), grantId: 'gra_1', sealed: bytes() } });
}

async function insertPost(tx: Tx): Promise<void> {
  const ofTeam = { teamId: 'team_1' };
  await tx.channel.create({
    data: { ...ofTeam, id: 'chn_1', network: 'playground', handle: 'play', remoteAccountId: 'p1' },
  });
  const made = { ...ofTeam, createdByPersonId: 'per_1', createdByConnectionId: 'con_1' };
  await tx.campaign.create({ data: { ...made, id: 'cmp_1', name: 'C', goal: 'G' } });
  await tx.campaignChannel.create({ data: { ...ofTeam, campaignId: 'cmp_1', channelId: 'chn_1' } });
  await tx.post.create({ data: { ...made, id: 'pst_1', campaignId: 'cmp_1' } });
  const ofRevision = { ...ofTeam, postId: 'pst_1', rev: 1 };
  await tx.postRevision.create({ data: { ...ofRevision, text: 'Hello', contentHash: bytes() } });
  const picture = {
    mimeType: 'image/jpeg',
    width: 1,
    height: 1,
    byteCount: 1,
    storageKey: 'k',
    contentHash: bytes(),
  };
  await tx.media.create({
    data: { ...made, ...picture, id: 'med_1', state: 'ready', source: 'url', originHash: bytes() },
  });
  await tx.revisionMedia.create({ data: { ...ofRevision, position: 1, mediaId: 'med_1' } });
  await tx.queueSlot.create({ data: { ...ofTeam, channelId: 'chn_1', weekday: 1, localTime: '09:00' } });
  await tx.channelSnapshot.create({ data: { ...ofTeam, channelId: 'chn_1', day: now, followers: 1 } });
  await tx.approvalRequest.create({
    data: {
      ...{ ...ofRevision, id: 'apq_1', contentHash: bytes(), expiresAt: soon },
      ...{ requestedByPersonId: 'per_1', requestedByConnectionId: 'con_1' },
    },
  });
  await tx.caption.create({ data: { ...ofRevision, channelId: 'chn_1', parts: ['Hello'] } });
  await tx.rendition.create({
    data: { ...ofRevision, ...picture, channelId: 'chn_1', position: 1 },
  });
  await tx.approval.create({
    data: { ...ofRevision, id: 'apr_1', contentHash: bytes(), personId: 'per_1', decision: 'approved' },
  });
}

async function insertDelivery(tx: Tx): Promise<void> {
  await tx.delivery.create({
    data: {
      ...{ id: 'dlv_1', teamId: 'team_1', postId: 'pst_1', channelId: 'chn_1', rev: 1 },
      ...{ state: 'published', dueAt: now, notBefore: now, notAfter: soon, sendStartedAt: now },
      ...{ scheduledByConnectionId: 'con_1', payloadHash: bytes(), remoteId: 'r1', publishedAt: now },
    },
  });
  await tx.metricSnapshot.create({ data: { teamId: 'team_1', deliveryId: 'dlv_1', views: 1 } });
  const ofPart = { deliveryId: 'dlv_1', partNo: 1 };
  await tx.deliveryPart.create({ data: { ...ofPart, text: 'Hello', key: 'k1', frozenAt: now } });
  await tx.attempt.create({
    data: {
      ...{ ...ofPart, fence: 1, kind: 'send', payloadHash: bytes(), idempotencyKey: 'k1' },
      ...{ startedAt: now, finishedAt: now, outcome: 'published' },
    },
  });
  await tx.playgroundPost.create({
    data: { ...ofPart, id: 'pgp_1', teamId: 'team_1', channelId: 'chn_1', text: 'Hello' },
  });
  await tx.activity.create({
    data: { id: 'act_1', teamId: 'team_1', actor: 'system', action: 'delivery.published', result: 'ok' },
  });
  await tx.activityDigest.create({
    data: { teamId: 'team_1', day: now, rowCount: 1, digest: bytes(), signature: bytes() },
  });
}
