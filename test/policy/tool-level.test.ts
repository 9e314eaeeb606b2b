import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import type { ConnectionCaller } from '../../server/caller.ts';
import type { Context } from '../../server/context.ts';
import { findBearer } from '../../server/oauth/bearer.ts';
import { addRule, removeRule } from '../../server/policy/edit-rules.ts';
import { SCOPES } from '../../server/scopes.ts';
import { connectClient, scopesOf, type TestConnection } from '../domain/connect-client.ts';
import { openClient, serveMcp, CLIENT_KINDS, type ServedMcp } from '../mcp/serve-mcp.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';
import { callTool } from '../tools/call-tool.ts';

let context: Context;
let mcp: ServedMcp;
let owner: TestOwner;
let editor: TestConnection;

beforeAll(async () => {
  context = await openTestContext();
  mcp = await serveMcp(context);
});
afterAll(async () => {
  await mcp[Symbol.asyncDispose]();
  await context[Symbol.asyncDispose]();
});
beforeEach(async () => {
  owner = await createOwner(context);
  editor = await connectClient(context, owner);
});

const rule = (input: Partial<Parameters<typeof addRule>[2]>) =>
  addRule(context, owner.caller, { condition: 'always', effect: 'deny', ...input });

/** As the endpoint finds them at their next call. */
async function nextCaller(): Promise<ConnectionCaller> {
  const bearer = await findBearer(context, editor.token);
  if (bearer.kind !== 'ok') throw new Error(bearer.kind);
  return bearer.caller;
}

const CAMPAIGN = { name: 'New', goal: 'Be seen' };
const campaigns = () => context.db.campaign.count({ where: { teamId: owner.team.id } });

test.each([
  ['deny', 'policy_denied', 'is not allowed'],
  ['ask', 'needs_person', "needs a person's yes"],
] as const)('a tool that a rule says %s to answers %s and does nothing', async (effect, code, words) => {
  const ruleId = await rule({ tool: 'create_campaign', effect });
  const outcome = await callTool(context, await nextCaller(), 'create_campaign', CAMPAIGN);
  expect(outcome).toMatchObject({
    isError: true,
    error: {
      code,
      rule_id: ruleId,
      message: expect.stringContaining(`calling create_campaign ${words} (rule ${ruleId})`) as string,
      next_step: expect.stringContaining(`/connections/${editor.caller.connectionId}`) as string,
      retriable: false,
    },
  });
  expect(await campaigns()).toBe(0);
  const [row] = await context.db.activity.findMany({
    where: { teamId: owner.team.id, action: 'create_campaign' },
  });
  expect(row).toMatchObject({ result: code, rule: ruleId });
  // Another connection's rule, another tool: nothing to this one.
  await removeRule(context, owner.caller, ruleId);
  const stranger = await connectClient(context, owner);
  await rule({ tool: 'create_campaign', effect, connectionId: stranger.caller.connectionId });
  await rule({ tool: 'create_post', effect });
  const allowed = await callTool(context, await nextCaller(), 'create_campaign', CAMPAIGN);
  expect(allowed.isError).toBe(false);
});

test('rules are read again only when their version differs, and a late call goes by the newer ones', async () => {
  const { teamId } = editor.caller;
  const before = await nextCaller();
  const table = await context.policies.tableOf(teamId, before.policyVersion);
  expect(await context.policies.tableOf(teamId, before.policyVersion)).toBe(table);
  await rule({ tool: 'create_campaign' });
  const after = await context.policies.tableOf(teamId, (await nextCaller()).policyVersion);
  expect(after.version).toBeGreaterThan(table.version);
  expect(await context.policies.tableOf(teamId, before.policyVersion)).toBe(after);
});

test('a rule denies over HTTP by a tool’s result, never by 401 or 403', async () => {
  await rule({ tool: 'create_campaign' });
  const body = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'create_campaign', arguments: CAMPAIGN },
  };
  const response = await mcp.post(body, { authorization: `Bearer ${editor.token}` });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('policy_denied');
});

const instructionsOf = async (kind: (typeof CLIENT_KINDS)[number]) => {
  await using client = await openClient(kind, mcp.url, editor.token);
  return client.instructions() ?? '';
};

test.each(CLIENT_KINDS)('%s is told what it may not do, and where a person changes that', async (kind) => {
  expect(await instructionsOf(kind)).not.toContain('may not');
  await rule({ tool: 'create_campaign' });
  expect(await instructionsOf(kind)).toContain('This connection may not call create_campaign.');
  editor = await connectClient(context, owner, scopesOf('draft'));
  const told = await instructionsOf(kind);
  expect(told).toContain("may not schedule posts, publish without a person's yes, call create_campaign.");
  expect(told).toContain(`${context.publicUrl}/connections/${editor.caller.connectionId}`);
  expect(told.length).toBeLessThan(900);
});

test('list_channels says the same', async () => {
  editor = await connectClient(
    context,
    owner,
    SCOPES.filter((scope) => scope !== 'posts:publish'),
  );
  const outcome = await callTool(context, await nextCaller(), 'list_channels', {});
  expect(outcome).toMatchObject({
    output: {
      may_not: expect.stringContaining("publish without a person's yes") as string,
      items: [
        {
          may: ['draft', 'schedule'],
          because: expect.stringContaining('default.no_publish_scope') as string,
          posts_left_today: null,
        },
      ],
    },
  });
});
