import { Writable } from 'node:stream';

import { pino } from 'pino';
import { expect, it } from 'vitest';

import { createSetupLink } from '../../server/teams/first-owner.ts';
import { startPagesServer } from './support/pages-server.ts';
import { createVisitor } from './support/visitor.ts';

it('a page that fails is logged without the secret that stands in its address', async () => {
  await using server = await startPagesServer();
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  server.context.log = pino(stream);
  const { pathname } = new URL((await createSetupLink(server.context))!);
  await server.context.db.$executeRaw`alter table setup_link rename to broken`;
  expect((await createVisitor(server.url).get(pathname)).status).toBe(500);
  const logged = lines.join('');
  expect(logged).toContain('a page failed');
  expect(logged).toContain('/set-up/');
  expect(logged).not.toContain(pathname.split('/').at(-1));
});
