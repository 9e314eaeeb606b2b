import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import type { PersonCaller } from '../../server/caller.ts';
import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { requestUpload } from '../../server/media/request-upload.ts';
import { uploadMedia } from '../../server/media/upload-media.ts';
import { revokeConnection } from '../../server/oauth/connections.ts';
import { connectClient, type TestConnection } from '../domain/connect-client.ts';
import { photo } from '../media/pictures.ts';
import type { TestOwner } from '../support/test-context.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
let context: Context;
let owner: PersonCaller;
let picture: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  server = await startTestServer({ WORKERS: 'none', LOG_LEVEL: 'silent' });
  ({ context } = server.running);
  const member = await context.db.membership.findFirstOrThrow();
  owner = { kind: 'person', ...member, role: 'owner' };
  picture = new Uint8Array(await photo(64, 48));
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  await context.pool.query('delete from rate_limit');
});

/** An editor of the team with a connection, and a link that it asked for. */
async function askForLink() {
  const { teamId } = owner;
  const id = newId('person');
  await context.db.person.create({ data: { id, email: `${id}@example.com`, name: 'Ed' } });
  await context.db.membership.create({ data: { teamId, personId: id, role: 'editor' } });
  const caller = { ...owner, personId: id, role: 'editor' };
  const editor = await connectClient(context, { team: { id: teamId }, person: { id }, caller } as TestOwner);
  const { uploadUrl } = await requestUpload(context, editor.caller, { filename: id });
  return { editor, url: uploadUrl.replace('localhost', '127.0.0.1') };
}

const put = async (url: string) => (await fetch(url, { method: 'PUT', body: picture })).status;

const LOST: [string, (editor: TestConnection) => Promise<unknown>][] = [
  ['was revoked', ({ caller }) => revokeConnection(context, owner, caller.connectionId)],
  [
    'ended',
    ({ caller: { connectionId: id } }) =>
      context.db.connection.update({ where: { id }, data: { endsAt: new Date(Date.now() - 1000) } }),
  ],
  [
    'may no longer add pictures',
    ({ caller: { connectionId: id } }) =>
      context.db.connection.update({ where: { id }, data: { scopes: ['media:read'] } }),
  ],
  [
    'belongs to somebody who left the team',
    ({ caller: { personId } }) => context.db.membership.deleteMany({ where: { personId } }),
  ],
  [
    'belongs to somebody who only looks now',
    ({ caller: { personId } }) =>
      context.db.membership.updateMany({ where: { personId }, data: { role: 'viewer' } }),
  ],
  [
    'belongs to somebody who was shut out',
    ({ caller: { personId: id } }) =>
      context.db.person.update({ where: { id }, data: { disabledAt: new Date() } }),
  ],
];

test.each(LOST)('a link is dead once the connection that asked for it %s', async (_, lose) => {
  const { editor, url } = await askForLink();
  await lose(editor);
  expect(await put(url)).toBe(404);
});

/** Sends the head of a request and half of its body. */
async function beginUpload(url: string) {
  const { port, pathname } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => null);
  await once(socket, 'connect');
  socket.write(`PUT ${pathname} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${picture.length}\r\n\r\n`);
  socket.write(picture.subarray(0, 100));
  return socket;
}

test('what was begun before a revocation is not taken after it', async () => {
  const { editor, url } = await askForLink();
  const socket = await beginUpload(url);
  await revokeConnection(context, owner, editor.caller.connectionId);
  socket.write(picture.subarray(100));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 404 /);
  socket.destroy();
});

test('a team holds only so many files in memory, however slowly they come, and gets its turn back', async () => {
  const { url } = await askForLink();
  const sockets: Socket[] = [];
  // One that was still on its way may have lost its place to the file that asks.
  const beginAndAsk = async () => {
    sockets.push(await beginUpload(url));
    return put(url);
  };
  await expect.poll(beginAndAsk, { timeout: 10_000 }).toBe(503);
  expect(sockets.length).toBeGreaterThanOrEqual(8);
  for (const socket of sockets) socket.destroy();
  await expect.poll(() => put(url), { timeout: 10_000 }).toBe(200);
});

test('so do imports from slow hosts', async () => {
  const opened = Promise.withResolvers<void>();
  const fetch = Object.assign(
    async () => {
      await opened.promise;
      return new Response(picture);
    },
    { close: context.fetch.close },
  ) as Context['fetch'];
  const load = () => uploadMedia({ ...context, fetch }, owner, { url: 'https://slow.example/a.jpg' });
  const waiting = Array.from({ length: 8 }, load);
  await expect(load()).rejects.toMatchObject({ details: { code: 'too_many_at_once' } });
  opened.resolve();
  await Promise.all(waiting);
  expect(await load()).toMatchObject({ media: { state: 'ready' } });
});
