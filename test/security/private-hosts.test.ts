import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { createDownload } from '../../server/oauth/client-document-download.ts';
import { startDocumentHost, type DocumentHost } from '../oauth/support/document-host.ts';
import { openTestContext } from '../support/test-context.ts';

let host: DocumentHost;
let context: Context;
beforeAll(async () => {
  host = await startDocumentHost();
  context = await openTestContext({ ALLOW_PRIVATE_HOSTS: host.host, PUBLIC_URL: 'https://cast.example.com' });
});
afterAll(async () => {
  await context[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

const downloadUnder = (clientDocuments: 'auto' | 'on', allowPrivateHosts: readonly string[]) =>
  createDownload({ ...context, config: { ...context.config, clientDocuments, allowPrivateHosts } });

test.each([
  ['with its port', () => [host.host]],
  ['with any port', () => ['localhost']],
])(
  'a private host that the operator named (%s) for another purpose is not called for a stranger’s client id',
  async (_how, named) => {
    const clientId = host.publish();
    const answer = await downloadUnder('auto', named())(clientId);
    expect(answer).toEqual({ problem: 'its host is not one that this server calls' });
    expect(host.connections).toBe(0);
  },
);

test('unless documents are asked for by name', async () => {
  expect(await downloadUnder('on', [host.host])(host.publish())).toMatchObject({ keepSeconds: 3600 });
});
