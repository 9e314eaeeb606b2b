import { Writable } from 'node:stream';

import { pino } from 'pino';
import { expect, it } from 'vitest';

import type { Context } from '../../server/context.ts';
import { startPagesServer } from './support/pages-server.ts';
import { createVisitor } from './support/visitor.ts';

const SECRET = `${'s3cret'.repeat(7)}x`;
const SECRETS: [string, (context: Context) => string][] = [
  ['/set-up/', () => SECRET],
  ['/let-in/', () => SECRET],
  ['/invitation/', () => SECRET],
  ['/m/', ({ seal }) => `${SECRET}.${seal.authenticate(SECRET, 'public media').toString('base64url')}`],
];

it.each(SECRETS)('%s that fails is logged without the secret in its address', async (path, secretOf) => {
  await using server = await startPagesServer();
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  server.context.log = pino(stream);
  const pathname = path + secretOf(server.context);
  Object.defineProperty(server.context, 'db', {
    get() {
      throw new Error('the database is gone');
    },
  });
  expect((await createVisitor(server.url).get(pathname)).status).toBe(500);
  const logged = lines.join('');
  expect(logged).toContain('a page failed');
  expect(logged).toContain(path);
  expect(logged).not.toContain(SECRET);
});
