import { createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { findFreePort } from '../support/free-port.ts';
import { startRealAppView } from './real-app-view.ts';

const ADMIN_PASSWORD = 'admin-pass';
export const ACCOUNT_PASSWORD = 'account password';

/** The packages lie beside this file only after `npm run test:real` installed them, so that their types cannot be asked for. */
interface PdsModule {
  PDS: {
    fromEnv(
      settings: Record<string, unknown>,
    ): Promise<{ start(): Promise<unknown>; destroy(): Promise<void> }>;
  };
}
interface PlcModule {
  PlcServer: {
    create(options: { db: unknown; port: number }): { start(): Promise<unknown>; destroy(): Promise<void> };
  };
  Database: { mock(): unknown };
}
const packages = { pds: '@atproto/pds', plc: '@did-plc/server' };

export interface RealAccount {
  did: string;
  handle: string;
  accessJwt: string;
  appPassword: string;
}

export interface RealPds extends AsyncDisposable {
  url: string;
  /** The directory of account ids. */
  directoryUrl: string;
  createAccount(name: string): Promise<RealAccount>;
  takeDown(did: string): Promise<void>;
  revokeAppPassword(account: RealAccount): Promise<void>;
  /** The posts of an account, newest first. */
  listPosts(did: string): Promise<{ uri: string; cid: string; value: Record<string, unknown> }[]>;
  /** What the account does by another app: a like, a reply, a follow. */
  write(account: RealAccount, collection: string, record: Record<string, unknown>): Promise<void>;
  /** An access token as this server would have signed it, that ran out an hour ago. */
  signExpiredToken(did: string): string;
}

/**
 * The real server and the real directory of account ids, with nothing of theirs reaching the internet; with an empty database
 * also the real AppView, which counts.
 */
export async function startRealPds({
  appViewDatabaseUrl,
}: { appViewDatabaseUrl?: string } = {}): Promise<RealPds> {
  const { PDS } = (await import(packages.pds)) as PdsModule;
  const plc = (await import(packages.plc)) as PlcModule;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'grantcast-pds-'));
  const [port, plcPort] = [await findFreePort(), await findFreePort()];
  const jwtSecret = randomBytes(16).toString('hex');
  const directory = plc.PlcServer.create({ db: plc.Database.mock(), port: plcPort });
  await directory.start();
  const directoryUrl = `http://localhost:${plcPort}`;
  const appView = appViewDatabaseUrl
    ? await startRealAppView({ directoryUrl, databaseUrl: appViewDatabaseUrl })
    : undefined;
  const pds = await PDS.fromEnv({
    devMode: true,
    port,
    hostname: 'localhost',
    dataDirectory: folder,
    blobstoreDiskLocation: path.join(folder, 'blobs'),
    adminPassword: ADMIN_PASSWORD,
    jwtSecret,
    didPlcUrl: directoryUrl,
    serviceHandleDomains: ['.test'],
    inviteRequired: false,
    disableSsrfProtection: true,
    plcRotationKeyK256PrivateKeyHex: randomBytes(32).toString('hex'),
    bskyAppViewUrl: appView?.url ?? 'https://appview.invalid',
    bskyAppViewDid: appView?.did ?? 'did:example:invalid',
    modServiceUrl: 'https://moderator.invalid',
    modServiceDid: 'did:example:invalid',
  });
  await pds.start();
  const url = `http://localhost:${port}`;
  appView?.follow(url);
  return {
    url,
    directoryUrl,
    async createAccount(name) {
      const handle = `${name}.test`;
      const account = await call(url, 'com.atproto.server.createAccount', {
        body: { handle, email: `${name}@example.com`, password: ACCOUNT_PASSWORD },
      });
      const accessJwt = String(account['accessJwt']);
      const made = await call(url, 'com.atproto.server.createAppPassword', {
        authorization: `Bearer ${accessJwt}`,
        body: { name: 'grantcast' },
      });
      return { did: String(account['did']), handle, accessJwt, appPassword: String(made['password']) };
    },
    async takeDown(did) {
      await call(url, 'com.atproto.admin.updateSubjectStatus', {
        authorization: `Basic ${Buffer.from(`admin:${ADMIN_PASSWORD}`).toString('base64')}`,
        body: {
          subject: { $type: 'com.atproto.admin.defs#repoRef', did },
          takedown: { applied: true, ref: 'test' },
        },
      });
    },
    async revokeAppPassword({ accessJwt }) {
      const body = { name: 'grantcast' };
      await call(url, 'com.atproto.server.revokeAppPassword', { authorization: `Bearer ${accessJwt}`, body });
    },
    async listPosts(did) {
      const query = new URLSearchParams({ repo: did, collection: 'app.bsky.feed.post', limit: '100' });
      const answer = await call(url, `com.atproto.repo.listRecords?${query}`, {});
      return answer['records'] as Awaited<ReturnType<RealPds['listPosts']>>;
    },
    signExpiredToken(did) {
      const now = Math.floor(Date.now() / 1000);
      const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
      const body = `${encode({ typ: 'at+jwt', alg: 'HS256' })}.${encode({
        scope: 'com.atproto.appPass',
        aud: 'did:web:localhost',
        sub: did,
        iat: now - 7200,
        exp: now - 3600,
      })}`;
      return `${body}.${createHmac('sha256', jwtSecret).update(body).digest('base64url')}`;
    },
    async write({ did, accessJwt }, collection, record) {
      const authorization = `Bearer ${accessJwt}`;
      const body = {
        repo: did,
        collection,
        record: { $type: collection, createdAt: new Date().toISOString(), ...record },
      };
      await call(url, 'com.atproto.repo.createRecord', { authorization, body });
    },
    async [Symbol.asyncDispose]() {
      await appView?.[Symbol.asyncDispose]();
      await pds.destroy();
      await directory.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function call(
  url: string,
  method: string,
  { body, authorization }: { body?: object; authorization?: string },
): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/xrpc/${method}`, {
    method: body ? 'POST' : 'GET',
    headers: { ...(authorization && { authorization }), ...(body && { 'content-type': 'application/json' }) },
    body: body ? JSON.stringify(body) : null,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method}: ${response.status} ${text}`);
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}
