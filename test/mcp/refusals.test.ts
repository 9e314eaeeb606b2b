import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import type { Context } from '../../server/context.ts';
import { AppError, conflict, invalidInput, notAllowed, notFound, unavailable } from '../../server/errors.ts';
import { defineTool } from '../../server/mcp/define-tool.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import type { Scope } from '../../server/scopes.ts';
import { connectClient, scopesOf } from '../domain/connect-client.ts';
import { createOwner, openTestContext } from '../support/test-context.ts';
import { modernRequest, serveMcp, type ServedMcp } from './serve-mcp.ts';

/** Whatever may stand against a call apart from its token and its scopes. */
const FAILURES: Readonly<Record<string, Error>> = {
  quota: unavailable({ code: 'rate_limited', message: 'Too many calls.' }),
  plan: notAllowed({ code: 'plan', message: 'The plan of this team has no analytics.' }),
  daily_cap: notAllowed({ code: 'policy_denied', message: 'Five posts went out today.' }),
  needs_a_person: notAllowed({ code: 'policy_needs_person', message: 'A person must say yes.' }),
  viewer: notAllowed({ code: 'viewer', message: 'Only looking.' }),
  connection_over: notAllowed({ code: 'connection_ended', message: 'The connection ended meanwhile.' }),
  channel: conflict({ code: 'channel_needs_reconnect', message: 'Link it again.' }),
  paused: conflict({ code: 'campaign_paused', message: 'The campaign is paused.' }),
  network_credentials: new NetworkError('auth_expired', 'expired', 'The network refused the credentials.'),
  unknown_id: notFound({ code: 'not_found', message: 'There is no such post.' }),
  bad_input: invalidInput({ code: 'too_long', message: 'Too long.' }),
  busy: unavailable({ code: 'unavailable', message: 'Busy.' }),
  bug: new TypeError('x is not a function'),
};

const tools = Object.keys(FAILURES).map((name) =>
  defineTool({
    name,
    title: name,
    description: 'Fails.',
    scope: 'campaigns:read',
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    input: z.strictObject({}),
    output: z.strictObject({}),
    run: async () => {
      throw FAILURES[name]!;
    },
  }),
);

let context: Context;
let served: ServedMcp;
let token: string;
beforeAll(async () => {
  context = await openTestContext();
  served = await serveMcp(context, tools);
  ({ token } = await connectClient(context, await createOwner(context)));
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await context[Symbol.asyncDispose]();
});

async function callBothEras(server: ServedMcp, bearer: string, name: string): Promise<Response[]> {
  const authorization = `Bearer ${bearer}`;
  const params = { name, arguments: {} };
  const modern = modernRequest('tools/call', params);
  return [
    await server.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }, { authorization }),
    await server.post(modern.body, { ...modern.headers, authorization }),
  ];
}

describe('what stands against a call is told in its result, never by a status that sends clients to sign in', () => {
  test.each(Object.keys(FAILURES))('%s', async (name) => {
    for (const response of await callBothEras(served, token, name)) {
      const text = await response.text();
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([200, null]);
      expect(text).toContain('"isError":true');
      const failure = FAILURES[name]!;
      expect(text).toContain(failure instanceof AppError ? failure.details.code : 'internal');
    }
  });

  test('the limit of calls a minute', async () => {
    await using limited = await openTestContext({ MCP_CALLS_PER_MINUTE: '1' });
    await using server = await serveMcp(limited);
    const { token: bearer } = await connectClient(limited, await createOwner(limited));
    await callBothEras(server, bearer, 'list_channels');
    for (const response of await callBothEras(server, bearer, 'list_channels')) {
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('rate_limited');
    }
  });

  test('a viewer’s role, also where the scope is missing too: a new sign-in could not give it', async () => {
    await using server = await serveMcp(context);
    const owner = await createOwner(context);
    const { token: bearer } = await connectClient(context, owner, scopesOf('look'));
    await context.db.membership.updateMany({
      where: { personId: owner.person.id },
      data: { role: 'viewer' },
    });
    for (const response of await callBothEras(server, bearer, 'create_campaign')) {
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('"isError":true');
    }
  });
});

describe('a write scope implies its read scope', () => {
  const READERS: Readonly<Record<string, Scope>> = {
    list_campaigns: 'campaigns:write',
    list_channels: 'campaigns:write',
    list_posts: 'captions:write',
    get_post: 'captions:write',
  };

  test.each(Object.entries(READERS))('%s is listed and served under %s alone', async (name, scope) => {
    await using server = await serveMcp(context);
    const { token: bearer } = await connectClient(context, await createOwner(context), [scope]);
    for (const response of await callBothEras(server, bearer, name)) expect(response.status).toBe(200);
    const list = modernRequest('tools/list');
    const listed = await server.post(list.body, { ...list.headers, authorization: `Bearer ${bearer}` });
    expect(await listed.text()).toContain(`"name":"${name}"`);
  });

  test('a read scope does not imply its write scope, and publishing implies no scheduling', async () => {
    await using server = await serveMcp(context);
    const owner = await createOwner(context);
    const reader = await connectClient(context, owner, ['campaigns:read']);
    const publisher = await connectClient(context, owner, ['posts:publish']);
    for (const [bearer, name] of [
      [reader.token, 'create_campaign'],
      [publisher.token, 'schedule_post'],
      [publisher.token, 'list_posts'],
    ] as const) {
      for (const response of await callBothEras(server, bearer, name)) expect(response.status).toBe(403);
    }
  });

  test('what a person took away from the connection is not implied by the token, nor the other way round', async () => {
    await using server = await serveMcp(context);
    const narrowed = await connectClient(context, await createOwner(context), ['campaigns:write']);
    await context.db.connection.update({
      where: { id: narrowed.caller.connectionId },
      data: { scopes: ['campaigns:read'] },
    });
    const [reading] = await callBothEras(server, narrowed.token, 'list_campaigns');
    const [writing] = await callBothEras(server, narrowed.token, 'create_campaign');
    expect([reading!.status, writing!.status]).toEqual([200, 403]);
    expect(writing!.headers.get('www-authenticate')).toContain('scope="campaigns:read campaigns:write"');
    await context.db.connection.update({
      where: { id: narrowed.caller.connectionId },
      data: { scopes: ['captions:read'] },
    });
    const [nothing] = await callBothEras(server, narrowed.token, 'list_campaigns');
    expect(nothing!.status).toBe(403);
  });

  test('the challenge names what is granted and what is needed by all the messages of a batch', async () => {
    await using server = await serveMcp(context);
    const { token: bearer } = await connectClient(context, await createOwner(context), ['media:read']);
    const call = (id: number, name: string) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name },
    });
    const batch = [call(1, 'schedule_post'), call(2, 'publish_post'), call(3, 'list_campaigns')];
    const response = await server.post(batch, { authorization: `Bearer ${bearer}` });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain(
      'scope="campaigns:read schedule:write posts:publish media:read"',
    );
  });
});
