import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createEditor } from '../support/editor.ts';
import { moveTime } from '../support/move-time.ts';
import {
  approve,
  connectClient,
  findWayBack,
  openScriptedBrowser,
  registerClient,
  type ScriptedBrowser,
} from '../support/oauth-client.ts';
import { OWNER, startTestServer, type TestServer } from '../support/test-server.ts';

/** Real clients that do it wrong, over HTTP against a real server, and what the person then reads under Connections. */
let server: TestServer;
let person: ScriptedBrowser;

beforeAll(async () => {
  server = await startTestServer();
  person = openScriptedBrowser(server.url);
});
afterAll(() => server[Symbol.asyncDispose]());

/** Every test has a client of its own name, and so a page of its own. */
async function connect(name: string, parameters: Record<string, string | null> = {}) {
  return connectClient(server.url, person, { ...OWNER, metadata: { client_name: name }, parameters });
}

async function callTool(token: string | null, name = 'list_channels'): Promise<number> {
  const response = await fetch(server.mcpUrl, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } }),
  });
  await response.text();
  return response.status;
}

/** Opens the list, finds the client and goes to its page. */
async function readPageOf(name: string): Promise<string> {
  await server.running.context.clientEvents.flush();
  const list = await person.open(`/connections?show=all&q=${encodeURIComponent(name)}`);
  const path = /href="(\/connections\/clients\/grp_[0-9a-f]+)"/.exec(list.html)?.[1];
  expect(path, list.html.slice(0, 500)).toBeDefined();
  return (await person.open(path!)).html;
}

function diagnosesOf(html: string): string[] {
  return [...html.matchAll(/data-diagnosis="(\w+)"/g)].map((match) => match[1]!);
}

function stagesOf(html: string): string[] {
  return [...html.matchAll(/<li data-state="(\w+)"><strong>([^<]+)/g)].map(
    (match) => `${match[2]}: ${match[1]}`,
  );
}

it('a client that does all of it right has nothing wrong, and every stage of its way in behind it', async () => {
  const client = await connect('Does it right');
  expect(await callTool(client.tokens.access_token)).toBe(200);
  expect((await client.refresh(client.tokens.refresh_token)).status).toBe(200);
  const html = await readPageOf('Does it right');
  expect(html).toContain('Nothing wrong.');
  expect(diagnosesOf(html)).toEqual([]);
  expect(stagesOf(html).filter((stage) => !stage.endsWith(': done'))).toEqual([]);
  expect(stagesOf(html)).toHaveLength(7);
});

describe('the key is missing after sign-in', () => {
  it('is told when a client gets its token and calls without it', async () => {
    const name = 'Forgets its header';
    expect(await callTool(null)).toBe(401);
    const client = await connect(name);
    expect(diagnosesOf(await readPageOf(name))).toEqual([]);
    expect(await callTool(null)).toBe(401);
    const html = await readPageOf(name);
    expect(diagnosesOf(html)).toEqual(['token_missing']);
    expect(html).toContain('It signed in, but does not show its key');
    expect(html).toContain('strips the Authorization header');
    expect(stagesOf(html)).toContain('First call: failed');
    expect(await callTool(client.tokens.access_token)).toBe(200);
    expect(diagnosesOf(await readPageOf(name))).toEqual([]);
  });
});

describe('the key is not renewed', () => {
  it('is told while it is honoured, when it has run out, and no more once it was renewed', async () => {
    const name = 'Never refreshes';
    const client = await connect(name);
    await moveTime(server.running.context, { hours: 2 });
    expect(await callTool(client.tokens.access_token)).toBe(200);
    expect(diagnosesOf(await readPageOf(name))).toEqual(['never_refreshes']);
    await moveTime(server.running.context, { hours: 25 });
    expect(await callTool(client.tokens.access_token)).toBe(401);
    const html = await readPageOf(name);
    expect(diagnosesOf(html)).toEqual(['key_ran_out']);
    expect(html).toContain('Its key ran out and it did not get a new one');
    expect((await client.refresh(client.tokens.refresh_token)).status).toBe(200);
    expect(diagnosesOf(await readPageOf(name))).toEqual([]);
  });

  it('is told when an old one was used again', async () => {
    const name = 'Two copies of one sign-in';
    const client = await connect(name);
    const second = (await (await client.refresh(client.tokens.refresh_token)).json()) as {
      refresh_token: string;
    };
    await client.refresh(second.refresh_token);
    await moveTime(server.running.context, { hours: 1 });
    expect((await client.refresh(client.tokens.refresh_token)).status).toBe(400);
    const html = await readPageOf(name);
    expect(diagnosesOf(html)).toContain('signed_out_by_replay');
    expect(html).toContain('An old key was used again, so it was signed out');
  });
});

describe('discovery goes to the wrong place', () => {
  it('is told of a client that never gets in, and of one that finds the way after all', async () => {
    const headers = { 'user-agent': 'LostEditor/1.0' };
    for (const path of ['/mcp/sse', '/.well-known/oauth-authorization-server/sse']) {
      expect((await fetch(`${server.url}${path}`, { headers })).status).toBe(404);
    }
    await server.running.context.clientEvents.flush();
    const { html } = await person.open('/connections');
    expect(html).toMatch(/One program did not get in.*LostEditor\/1.0/s);
    expect(diagnosesOf(html)).toEqual(['wrong_path']);
    expect(html).toContain('It asked for /mcp/sse, and nothing is there.');
    expect(html).toContain(`<code>${server.mcpUrl}</code>`);
    const registered = await fetch(`${server.url}/register`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({
        client_name: 'Found the way',
        redirect_uris: ['http://127.0.0.1:1/callback'],
        token_endpoint_auth_method: 'none',
      }),
    });
    expect(registered.status).toBe(201);
    const page = await readPageOf('Found the way');
    expect(page).toContain('It looked in the wrong place before it found the way');
  });
});

describe('scheduled work loses its authorization', () => {
  it('is told with the way to hand it over, which works', async () => {
    await using editor = await createEditor({
      kind: 'sdk 1.x',
      mcpUrl: server.mcpUrl,
      onAuthorize: async (url) => {
        await fetch(await approve(person, url.href, { ...OWNER, preset: 'publish' }));
      },
    });
    await editor.connect();
    const channels = await editor.callTool('list_channels', {});
    const campaign = await editor.callTool('create_campaign', { name: 'Held', goal: 'Be handed over' });
    const post = await editor.callTool('create_post', {
      campaign_id: campaign.structured.campaign_id,
      channel_ids: [channels.structured.items[0]!.id],
      text: 'Nobody sends me any more',
    });
    const scheduled = await editor.callTool('schedule_post', {
      post_id: post.structured.post_id,
      expected_rev: post.structured.rev,
      at: new Date(Date.now() + 86_400_000).toISOString(),
    });
    expect(scheduled.isError).toBe(false);
    // The editor signs out by itself, as many do when they are uninstalled (RFC 7009).
    await fetch(`${server.url}/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token: editor.tokens()!.refresh_token!, client_id: editor.clientId() }),
    });
    const html = await readPageOf('Test editor (sdk 1.x)');
    expect(diagnosesOf(html)).toEqual(['posts_held']);
    expect(html).toMatch(
      /One scheduled post is held.*the connection was revoked.*Hand the posts over to yourself/s,
    );
    const connection = await person.open(/href="(\/connections\/con_[0-9a-f]+)"/.exec(html)![1]!);
    expect(connection.html).toMatch(/by\s*<span>the editor itself/);
    await person.submit(connection, 'Hand over to me: posts of Test editor (sdk 1.x)');
    const state = await server.running.context.db.delivery.findFirstOrThrow({
      where: { postId: post.structured.post_id },
    });
    expect(['scheduled', 'awaiting_approval']).toContain(state.state);
    expect(state.scheduledByConnectionId).toBeNull();
    expect(diagnosesOf(await readPageOf('Test editor (sdk 1.x)'))).toEqual([]);
  });
});

describe('clients have their quirks', () => {
  it('one registers each time', async () => {
    for (let times = 0; times < 3; times += 1) await connect('Registers each time');
    expect(diagnosesOf(await readPageOf('Registers each time'))).toContain('registers_each_time');
  });

  it('one wants its answer sent elsewhere than it said', async () => {
    const client = await registerClient(server.url, {
      client_name: 'Changes its mind',
      redirect_uris: ['https://app.example/callback'],
    });
    const { url } = client.startAuthorization({ redirect_uri: 'https://app.example/other' });
    expect((await person.open(url)).status).toBe(400);
    const html = await readPageOf('Changes its mind');
    expect(diagnosesOf(html)).toEqual(['redirect_mismatch']);
    expect(html).toMatch(/redirect_uri did not match/);
  });

  it('one keeps trying what it may not do', async () => {
    const client = await connect('Tries in vain', { scope: 'campaigns:read' });
    expect(await callTool(client.tokens.access_token, 'create_campaign')).toBe(403);
    expect(await callTool(client.tokens.access_token, 'schedule_post')).toBe(403);
    expect(diagnosesOf(await readPageOf('Tries in vain'))).toEqual(['asks_in_vain']);
  });

  it('one kept a registration that is forgotten here', async () => {
    const client = await registerClient(server.url, { client_name: 'To be forgotten' });
    await server.running.context.db.client.delete({ where: { id: client.clientId } });
    await person.open(client.startAuthorization().url);
    await server.running.context.clientEvents.flush();
    expect(diagnosesOf((await person.open('/connections')).html)).toContain('forgotten_client');
  });

  it('one is told no', async () => {
    const client = await registerClient(server.url, { client_name: 'Was told no' });
    const page = await person.open(client.startAuthorization().url);
    expect(findWayBack(await person.submit(page, 'Deny'))).toContain('error=access_denied');
    const html = await readPageOf('Was told no');
    expect(diagnosesOf(html)).toEqual(['denied']);
    expect(stagesOf(html)).toContain('Was allowed: failed');
  });
});
