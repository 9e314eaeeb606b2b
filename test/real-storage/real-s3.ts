import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** It lies beside this file only after `npm run test:real` installed it, so that its types cannot be asked for. */
type S3Constructor = new (options: Record<string, unknown>) => {
  run(): Promise<{ port: number }>;
  close(): Promise<void>;
};
const PACKAGE = '@20minutes/s3rver';

/** The key that the server knows. */
const KEY = { S3_ACCESS_KEY_ID: 'S3RVER', S3_SECRET_ACCESS_KEY: 'S3RVER' };
const BUCKET = 'grantcast-media';

export interface RealS3 extends AsyncDisposable {
  port: number;
  /** Settings of a Grantcast that keeps its media there. */
  settings: Record<string, string>;
}

/** An S3 server that others wrote and that checks signatures (SigV4), on 127.0.0.1, with one bucket. */
export async function startRealS3(): Promise<RealS3> {
  const loaded = (await import(PACKAGE)) as { default: S3Constructor };
  const directory = await mkdtemp(path.join(os.tmpdir(), 'grantcast-s3-'));
  const server = new loaded.default({
    ...{ address: '127.0.0.1', port: 0, silent: true, directory },
    configureBuckets: [{ name: BUCKET, configs: [] }],
  });
  const { port } = await server.run();
  return {
    port,
    settings: { ...KEY, S3_BUCKET: BUCKET, S3_ENDPOINT: `http://127.0.0.1:${port}` },
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
