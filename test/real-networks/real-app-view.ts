import { findFreePort } from '../support/free-port.ts';

/** The packages lie beside this file only after `npm run test:real` installed them, so that their types cannot be asked for. */
interface BskyModule {
  Database: new (options: { url: string; schema: string; poolSize: number }) => {
    migrateToLatestOrThrow(): Promise<void>;
    close(): Promise<void>;
  };
  DataPlaneServer: {
    create(
      db: unknown,
      port: number,
      directoryUrl: string,
      fetch: typeof globalThis.fetch,
    ): Promise<{ idResolver: unknown; destroy(): Promise<void> }>;
  };
  ServerConfig: new (values: Record<string, unknown>) => unknown;
  BskyAppView: {
    create(options: { config: unknown; signingKey: unknown }): {
      start(): Promise<unknown>;
      destroy(): Promise<void>;
    };
  };
  RepoSubscription: new (options: { service: string; db: unknown; idResolver: unknown }) => {
    start(): Promise<void>;
    destroy(): Promise<void>;
  };
}
interface Keypair {
  did(): string;
}
interface PlcLibModule {
  Client: new (url: string) => {
    createDid(options: Record<string, unknown>): Promise<string>;
    updateData(did: string, signer: Keypair, change: (data: PlcData) => PlcData): Promise<void>;
  };
}
interface PlcData {
  services: Record<string, { type: string; endpoint: string }>;
}
const packages = { bsky: '@atproto/bsky', crypto: '@atproto/crypto', plc: '@did-plc/lib' };

export interface RealAppView extends AsyncDisposable {
  url: string;
  did: string;
  /** From now on it reads what happens on that server. */
  follow(pdsUrl: string): void;
}

/** The real service that counts likes, replies and reposts, on a PostgreSQL database of its own. */
export async function startRealAppView({
  directoryUrl,
  databaseUrl,
}: {
  directoryUrl: string;
  /** An empty database, and a user that may make the extension pg_trgm in it. */
  databaseUrl: string;
}): Promise<RealAppView> {
  const bsky = (await import(packages.bsky)) as BskyModule;
  const crypto = (await import(packages.crypto)) as { Secp256k1Keypair: { create(): Promise<Keypair> } };
  const plc = (await import(packages.plc)) as PlcLibModule;
  const key = await crypto.Secp256k1Keypair.create();
  const [port, dataPort] = [await findFreePort(), await findFreePort()];
  const url = `http://localhost:${port}`;

  const directory = new plc.Client(directoryUrl);
  const did = await directory.createDid({
    signingKey: key.did(),
    rotationKeys: [key.did()],
    handle: 'bsky.test',
    pds: url,
    signer: key,
  });
  await directory.updateData(did, key, (data) => {
    data.services['bsky_appview'] = { type: 'BskyAppView', endpoint: url };
    return data;
  });

  const db = new bsky.Database({ url: databaseUrl, schema: 'appview', poolSize: 5 });
  await db.migrateToLatestOrThrow();
  const data = await bsky.DataPlaneServer.create(db, dataPort, directoryUrl, globalThis.fetch);
  const server = bsky.BskyAppView.create({
    config: new bsky.ServerConfig({
      ...{ port, publicUrl: 'https://appview.invalid', serverDid: did, didPlcUrl: directoryUrl },
      ...{ dataplaneUrls: [`http://localhost:${dataPort}`], dataplaneHttpVersion: '1.1' },
      ...{ bsyncUrl: 'http://localhost:1', bsyncHttpVersion: '1.1', bsyncApiKey: 'unused' },
      ...{ modServiceDid: 'did:example:invalid', labelsFromIssuerDids: [], adminPasswords: ['unused'] },
      ...{ alternateAudienceDids: [], etcdHosts: [], disableSsrfProtection: true, draftsLimit: 1 },
      ...{ bigThreadUris: new Set(), maxThreadParents: 10, feedGenSkeletonTimeout: 5000 },
      ...{ searchTagsHide: new Set(), searchTagsHideAll: new Set(), debugFieldAllowedDids: new Set() },
      ...{ threadTagsHide: new Set(), threadTagsBumpDown: new Set() },
      ...{ visibilityTagHide: '', visibilityTagRankPrefix: '' },
    }),
    signingKey: key,
  });
  await server.start();
  let reading: { destroy(): Promise<void> } | undefined;
  return {
    url,
    did,
    follow(pdsUrl) {
      const service = pdsUrl.replace(/^http/, 'ws');
      const subscription = new bsky.RepoSubscription({ service, db, idResolver: data.idResolver });
      reading = subscription;
      void subscription.start();
    },
    async [Symbol.asyncDispose]() {
      await server.destroy();
      await reading?.destroy();
      await data.destroy();
      await db.close();
    },
  };
}
