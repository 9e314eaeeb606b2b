import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createEditor, EDITOR_KINDS, type Editor } from '../support/editor.ts';
import {
  findWayBack,
  openScriptedBrowser,
  type Page,
  type ScriptedBrowser,
} from '../support/oauth-client.ts';
import { OWNER, startTestServer, type TestServer } from '../support/test-server.ts';

/** A tool that the connection may not call: the client comes back to the person, who allows more with one click. */
describe.each(EDITOR_KINDS)('asking for more with %s', (kind) => {
  let server: TestServer;
  let browser: ScriptedBrowser;
  const pages: Page[] = [];
  beforeAll(async () => {
    server = await startTestServer();
    browser = openScriptedBrowser(server.url);
    await browser.submit(await browser.open(`${server.url}/sign-in`), 'Sign in', OWNER);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function connect(): Promise<Editor> {
    const editor = await createEditor({
      kind,
      mcpUrl: server.mcpUrl,
      // Without one, sdk 1.x asks the person; with one, it would refresh, which never gives more.
      neverRefreshes: kind === 'sdk 1.x',
      async onAuthorize(url) {
        const page = await browser.open(String(url));
        pages.push(page);
        const answer = await fetch(findWayBack(await browser.submit(page, 'Allow')));
        await answer.text();
      },
    });
    await editor.connect();
    return editor;
  }

  const liveConnections = (clientId: string) =>
    server.running.context.db.connection.findMany({ where: { clientId, revokedAt: null } });

  it('ends with the union in its token and one connection', async () => {
    await using editor = await connect();
    const before = await liveConnections(editor.clientId());
    expect(editor.tokens()!.scope).not.toContain('posts:publish');

    const publish = () => editor.callTool('publish_post', { post_id: 'pst_none', expected_rev: 1 });
    await expect(publish()).rejects.toThrow();
    expect(editor.wire.some(({ path, status }) => path === '/mcp' && status === 403)).toBe(true);
    await editor.finishSignIn();

    expect(editor.prompts).toBe(2);
    expect(pages.at(-1)!.html).toContain('It asks for more than its connection may do now.');
    expect(pages.at(-1)!.html.split('New:')[1]!.split('</ul>')[0]).toContain(
      'Publish without asking you first',
    );
    expect(editor.tokens()!.scope!.split(' ')).toEqual(
      expect.arrayContaining(['posts:publish', 'schedule:write']),
    );
    // Refused for what it names, no longer for want of a scope.
    expect(await publish()).toMatchObject({ isError: true });
    const after = await liveConnections(editor.clientId());
    expect(after).toHaveLength(1);
    expect(after[0]!.id).not.toBe(before[0]!.id);
  });
});
