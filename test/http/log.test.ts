import { Writable } from 'node:stream';

import { pino } from 'pino';
import { expect, it } from 'vitest';

import { startPagesServer } from './support/pages-server.ts';
import { createVisitor } from './support/visitor.ts';

it.each(['/set-up/', '/invitation/'])(
  '%s that fails is logged without the secret in its address',
  async (path) => {
    await using server = await startPagesServer();
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    server.context.log = pino(stream);
    const pathname = `${path}${'s3cret'.repeat(7)}x`;
    Object.defineProperty(server.context, 'db', {
      get() {
        throw new Error('the database is gone');
      },
    });
    expect((await createVisitor(server.url).get(pathname)).status).toBe(500);
    const logged = lines.join('');
    expect(logged).toContain('a page failed');
    expect(logged).toContain(path);
    expect(logged).not.toContain(pathname.split('/').at(-1));
  },
);
