import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { printTarget } from '../bench/figures.ts';
import { serveMcp } from '../mcp/serve-mcp.ts';
import { connectClient, openScriptedBrowser, registerClient } from '../support/oauth-client.ts';
import { startPersonBot } from '../support/person-bot.ts';
import { OWNER, startTestServer, type TestServer } from '../support/test-server.ts';
import { startAuthProxy } from './auth-proxy.ts';
import { EXPECTED_FAILURES } from './expected-failures.ts';
import { openFixtureServer } from '../conformance/fixture-server.ts';
import { findQuietPort } from './quiet-port.ts';
import { runConformance, type Check } from './run-conformance.ts';

/** S7 of the product's targets: the MCP conformance suite, check by check, in both revisions. */
const REVISIONS = ['2025-11-25', '2026-07-28'] as const;

/** Those that need no tool, prompt or resource of the suite's own. */
const WITHOUT_FIXTURES: Record<(typeof REVISIONS)[number], string[]> = {
  '2025-11-25': ['server-initialize', 'ping', 'tools-list', 'dns-rebinding-protection'],
  '2026-07-28': [
    'tools-list',
    'http-header-validation',
    'dns-rebinding-protection',
    'server-stateless',
    'caching',
  ],
};

const started = new AsyncDisposableStack();
let server: TestServer;
let accessToken: string;
beforeAll(async () => {
  server = started.use(await startTestServer({ CLIENT_DOCUMENTS: 'on' }));
  const { tokens } = await connectClient(server.url, openScriptedBrowser(server.url), OWNER);
  accessToken = tokens.access_token;
});
afterAll(() => started.disposeAsync());

describe.each(REVISIONS)('revision %s', (revision) => {
  it('holds for the product itself, without fixtures', async () => {
    await using proxy = await startAuthProxy(server.mcpUrl, accessToken);
    const checks: Check[] = [];
    for (const scenario of WITHOUT_FIXTURES[revision]) {
      const of = ['--scenario', scenario, '--spec-version', revision];
      checks.push(...(await runConformance(['server', '--url', proxy.url, ...of])));
    }
    judge(`product ${revision}`, checks);
  });

  it('holds for fixtures behind the same checks, every scenario that the revision requires', async () => {
    await using fixtures = await serveMcp(server.running.context, [], openFixtureServer);
    await using proxy = await startAuthProxy(fixtures.url, accessToken);
    judge(
      `fixtures ${revision}`,
      await runConformance(['server', '--url', proxy.url, '--requirements', revision]),
    );
  });
});

describe('the authorization command', () => {
  it('passes whole, with a person at the browser', async () => {
    await using person = await startPersonBot(server.url);
    const port = await findQuietPort();
    const redirectUri = `http://127.0.0.1:${port}/callback`;
    const { clientId } = await registerClient(server.url, { redirect_uris: [redirectUri] });
    const visits: Promise<void>[] = [];
    const checks = await runConformance(
      [
        ...['authorization', '--url', server.url, '--client-id', clientId],
        ...['--resource', server.mcpUrl, '--port', String(port)],
      ],
      (output) => {
        const url = /^http\S+\/authorize\?\S+$/m.exec(output)?.[0];
        if (url) visits.push(person.visit(url));
      },
    );
    await Promise.all(visits);
    judge('authorization', checks);
  });
});

/** Nothing fails but what is on the list, and nothing is on the list that does not fail any more. */
function judge(name: string, checks: readonly Check[]): void {
  const failed = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
  const key = ({ scenario, id }: Check) => `${name}: ${scenario}: ${id}`;
  const unexpected = failed.filter((check) => !EXPECTED_FAILURES.has(key(check)));
  const expected = new Set(failed.filter((check) => !unexpected.includes(check)).map(key));
  const stale = [...EXPECTED_FAILURES.keys()].filter(
    (entry) => entry.startsWith(`${name}: `) && !expected.has(entry),
  );
  const passed = checks.filter(({ status }) => status === 'SUCCESS').length;
  printTarget(
    'S7',
    `${name}: ${passed} checks passed, ${unexpected.length} failed, ${expected.size} not offered`,
    'all that apply',
    unexpected.length === 0 && passed > 0,
  );
  expect(unexpected).toEqual([]);
  expect(stale).toEqual([]);
}
