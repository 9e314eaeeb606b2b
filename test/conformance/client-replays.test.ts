import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { approve, openScriptedBrowser } from '../support/oauth-client.ts';
import { OWNER, startTestServer, type TestServer } from '../support/test-server.ts';
import { callListChannels } from './call-list-channels.ts';

/**
 * Editors that cannot run here, replayed from their public sources: how they look for metadata, what they register, where
 * they come back, what they leave out. Each goes from the URL alone to a tool call and past a refresh.
 */
interface Replay {
  client: string;
  /** A body of registration-bodies.json by its name, or what is not there. */
  body: string | Record<string, unknown>;
  /** Where it comes back: those that it registered, or, on loopback, the port that was free. */
  redirectUris: string[];
  /** Which metadata it reads for the resource: the challenge's, or a path it makes up. */
  resourceMetadata?: string;
  serverMetadata?: string;
  /** What it asks for; left out: the scopes of the challenge. */
  scope?: string | null;
  extra?: Record<string, string>;
  sendsResource?: 'always' | 'never' | 'not at refresh' | 'with a slash';
}

const OPENID = '/.well-known/openid-configuration';
const REPLAYS: Replay[] = [
  {
    client: 'VS Code',
    body: 'VS Code (src/vs/base/common/oauth.ts)',
    redirectUris: [
      'https://vscode.dev/redirect',
      'https://insiders.vscode.dev/redirect',
      'http://127.0.0.1:51123/',
      'http://127.0.0.1:33418/',
    ],
  },
  {
    client: 'VS Code of 2025',
    body: 'VS Code older (no application_type)',
    redirectUris: ['https://vscode.dev/redirect', 'http://localhost:51124/', 'http://127.0.0.1:51124/'],
  },
  {
    client: 'Claude on the web',
    body: 'Claude.ai (client_secret_post)',
    redirectUris: ['https://claude.ai/api/mcp/auth_callback'],
    scope: 'claudeai',
  },
  {
    client: 'Claude under its newer name',
    body: {
      client_name: 'Claude',
      redirect_uris: ['https://claude.com/api/mcp/auth_callback'],
      token_endpoint_auth_method: 'client_secret_post',
    },
    redirectUris: ['https://claude.com/api/mcp/auth_callback'],
    // It was seen to ask for all that the authorization server lists.
    scope: 'all of the server',
  },
  {
    client: 'Claude Code',
    body: 'Claude Code (localhost:port, none)',
    redirectUris: ['http://localhost:54545/callback', 'http://localhost:61007/callback'],
    scope: 'challenge with offline_access',
    extra: { prompt: 'consent' },
  },
  {
    client: 'Cursor',
    body: 'Cursor (cursor:// + https + localhost)',
    redirectUris: [
      'cursor://anysphere.cursor-mcp/oauth/callback',
      'https://www.cursor.com/agents/mcp/oauth/callback',
      'http://localhost:8787/callback',
    ],
    resourceMetadata: '/.well-known/oauth-protected-resource/mcp',
  },
  {
    client: 'ChatGPT, a connector’s own callback',
    body: 'ChatGPT connector',
    redirectUris: ['https://chatgpt.com/connector/oauth/AbC123'],
    serverMetadata: OPENID,
  },
  {
    client: 'ChatGPT, the shared callback',
    body: {
      client_name: 'ChatGPT',
      redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_post',
    },
    redirectUris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
    scope: 'challenge with offline_access',
  },
  {
    client: 'Codex',
    body: {
      client_name: 'Codex',
      redirect_uris: ['http://127.0.0.1:49152/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      response_types: ['code'],
    },
    redirectUris: ['http://127.0.0.1:49152/callback'],
    scope: 'openid profile email offline_access',
    sendsResource: 'not at refresh',
  },
  {
    client: 'opencode',
    body: {
      client_name: 'OpenCode',
      client_uri: 'https://opencode.ai',
      redirect_uris: ['http://127.0.0.1:19876/mcp/oauth/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    redirectUris: ['http://127.0.0.1:19876/mcp/oauth/callback'],
  },
  {
    client: 'Gemini CLI',
    body: {
      client_name: 'Gemini CLI MCP Client',
      redirect_uris: ['http://localhost:7777/oauth/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      scope: '',
    },
    redirectUris: ['http://localhost:7777/oauth/callback', 'http://localhost:40123/oauth/callback'],
    resourceMetadata: '/.well-known/oauth-protected-resource',
    scope: null,
  },
  {
    client: 'Windsurf, by its scheme and by loopback',
    body: {
      client_name: 'Windsurf',
      redirect_uris: ['windsurf://codeium.windsurf/oauth/callback', 'http://127.0.0.1:0/callback'],
      token_endpoint_auth_method: 'none',
    },
    redirectUris: ['windsurf://codeium.windsurf/oauth/callback', 'http://127.0.0.1:52525/callback'],
    sendsResource: 'never',
  },
  {
    client: 'an editor of 2025-03-26, which knows the endpoints by heart',
    body: 'minimal (only redirect_uris)',
    redirectUris: ['http://127.0.0.1:5555/cb'],
    serverMetadata: 'by heart',
    sendsResource: 'never',
  },
  {
    client: 'an editor that adds a slash to the resource',
    body: 'mcp-remote (software_id etc.)',
    redirectUris: ['http://localhost:3334/oauth/callback'],
    sendsResource: 'with a slash',
  },
];

const bodies = z
  .object({ bodies: z.array(z.object({ name: z.string(), body: z.record(z.string(), z.unknown()) })) })
  .parse(
    JSON.parse(readFileSync(new URL('../oauth/registration-bodies.json', import.meta.url), 'utf8')),
  ).bodies;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const cases = REPLAYS.flatMap((replay) =>
  replay.redirectUris.map((redirectUri) => ({ ...replay, redirectUri })),
);

describe('from the URL to a tool call and past a refresh', () => {
  it.each(cases)('$client, back to $redirectUri', async (replay) => {
    const { redirectUri, extra = {}, sendsResource = 'always' } = replay;
    const challenge = await readChallenge();
    const endpoints = await findEndpoints(replay, challenge);
    const client = await register(endpoints.registration, replay.body);
    const authentication = client.client_secret
      ? { client_id: client.client_id, client_secret: client.client_secret }
      : { client_id: client.client_id };
    const resource: Record<string, string> =
      sendsResource === 'never'
        ? {}
        : { resource: `${server.mcpUrl}${sendsResource === 'with a slash' ? '/' : ''}` };

    const verifier = randomBytes(32).toString('base64url');
    const url = new URL(endpoints.authorization);
    const scope = chooseScope(replay, challenge, endpoints.scopes);
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: redirectUri,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      state: 'a+state/with=signs',
      ...(scope === null ? {} : { scope }),
      ...resource,
      ...extra,
    }).toString();
    const back = await approve(openScriptedBrowser(server.url), url.href, OWNER);
    expect(back.href.split('?')[0]).toBe(redirectUri);
    expect(back.searchParams.get('state')).toBe('a+state/with=signs');
    expect(back.searchParams.get('iss')).toBe(server.url);

    const tokens = await postForm(endpoints.token, {
      grant_type: 'authorization_code',
      code: back.searchParams.get('code')!,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...authentication,
      ...resource,
    });
    expect(tokens).toMatchObject({ token_type: 'Bearer', refresh_token: expect.any(String) });
    expect((await callListChannels(server.mcpUrl, tokens.access_token)).status).toBe(200);

    const refreshed = await postForm(endpoints.token, {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
      ...authentication,
      ...(sendsResource === 'not at refresh' ? {} : resource),
    });
    const answer = await callListChannels(server.mcpUrl, refreshed.access_token);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('playground');
  });
});

interface Challenge {
  metadataUrl: string;
  scope: string;
}

async function readChallenge(): Promise<Challenge> {
  const response = await fetch(server.mcpUrl, { method: 'POST', body: '{}' });
  expect(response.status).toBe(401);
  const header = response.headers.get('www-authenticate')!;
  return {
    metadataUrl: /resource_metadata="([^"]+)"/.exec(header)![1]!,
    scope: /scope="([^"]+)"/.exec(header)![1]!,
  };
}

interface Endpoints {
  authorization: string;
  token: string;
  registration: string;
  scopes: string[];
}

async function findEndpoints(replay: Replay, challenge: Challenge): Promise<Endpoints> {
  if (replay.serverMetadata === 'by heart') {
    const at = (path: string) => `${server.url}${path}`;
    return {
      authorization: at('/authorize'),
      token: at('/token'),
      registration: at('/register'),
      scopes: [],
    };
  }
  const resource = await readJson(new URL(replay.resourceMetadata ?? challenge.metadataUrl, server.url));
  // VS Code and Gemini CLI go no further when this is not the URL that a person typed.
  expect(resource['resource']).toBe(server.mcpUrl);
  const [issuer] = resource['authorization_servers'] as string[];
  const metadata = await readJson(
    new URL(replay.serverMetadata ?? '/.well-known/oauth-authorization-server', issuer),
  );
  expect(metadata['issuer']).toBe(issuer);
  return {
    authorization: metadata['authorization_endpoint'] as string,
    token: metadata['token_endpoint'] as string,
    registration: metadata['registration_endpoint'] as string,
    scopes: metadata['scopes_supported'] as string[],
  };
}

function chooseScope({ scope }: Replay, challenge: Challenge, ofServer: string[]): string | null {
  if (scope === undefined) return challenge.scope;
  if (scope === 'challenge with offline_access') return `${challenge.scope} offline_access`;
  return scope === 'all of the server' ? ofServer.join(' ') : scope;
}

async function register(endpoint: string, body: Replay['body']) {
  const named = typeof body === 'string' ? bodies.find(({ name }) => name === body)!.body : body;
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(named),
  });
  expect(response.status).toBe(201);
  return (await response.json()) as { client_id: string; client_secret?: string };
}

async function readJson(url: URL): Promise<Record<string, unknown>> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

async function postForm(url: string, form: Record<string, string>) {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  const answer = (await response.json()) as { access_token: string; refresh_token: string };
  expect(response.status, JSON.stringify(answer)).toBe(200);
  return answer;
}
