import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { defineTool, type Tool } from '../../server/mcp/define-tool.ts';
import { postId } from '../../server/mcp/params.ts';
import { tools } from '../../tools/catalog.ts';
import { connectClient } from '../domain/connect-client.ts';
import { serveMcp, type ServedMcp } from '../mcp/serve-mcp.ts';
import { openTestContext } from '../support/test-context.ts';
import { createWorld, type World } from '../tools/world.ts';
import { runScopeMatrix } from './support/scope-matrix.ts';
import { runTenantMatrix, type TenantMatrix } from './support/tenant-matrix.ts';

const SECRET = 'the other team keeps this to itself';

let context: Context;
let served: ServedMcp;
let ours: World;
let theirs: World;
let people: Pick<TenantMatrix, 'viewerToken' | 'formerToken'>;

beforeAll(async () => {
  context = await openTestContext({ MCP_CALLS_PER_MINUTE: '1000000' });
  served = await serveMcp(context);
  ours = await createWorld(context, 'ours');
  theirs = await createWorld(context, SECRET);
  const viewerToken = await connectMember('viewer');
  const formerToken = await connectMember('editor');
  await context.db.membership.deleteMany({ where: { teamId: ours.owner.team.id, role: 'editor' } });
  people = { viewerToken, formerToken };
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await context[Symbol.asyncDispose]();
});

async function connectMember(role: 'viewer' | 'editor'): Promise<string> {
  const { owner } = ours;
  const data = { id: newId('person'), email: `${role}@example.com`, name: role, passwordHash: 'none' };
  const person = await context.db.person.create({ data });
  await context.db.membership.create({ data: { teamId: owner.team.id, personId: person.id, role } });
  const caller = { ...owner.caller, personId: person.id, role };
  return (await connectClient(context, { ...owner, person, caller })).token;
}

const tenantMatrix = (of: { served: ServedMcp; tools: readonly Tool[] }) =>
  runTenantMatrix({ context, ours, theirs, secret: SECRET, ...people, ...of });

test('no tool shows or changes anything for an id, a member or a scope that it must not', async () => {
  const tenants = await tenantMatrix({ served, tools });
  const scopes = await runScopeMatrix({ context, served, tools, ours });
  const leaks = [...tenants.leaks, ...scopes.leaks];
  const cases = tenants.cases + scopes.cases;
  process.stdout.write(
    `TARGET S1 ${leaks.length} leaks of ${cases} ${leaks.length === 0 && cases >= 560 ? 'ok' : 'short'}\n`,
  );
  expect(leaks).toEqual([]);
  expect(cases).toBeGreaterThanOrEqual(560);
}, 300_000);

const CARELESS = {
  'tells a text of another team': async (ctx: Context, id: string) =>
    (await ctx.db.postRevision.findFirstOrThrow({ where: { postId: id } })).text,
  'changes another team': async (ctx: Context, id: string) => {
    await ctx.db.post.updateMany({ where: { id }, data: { clientRef: newId('post') } });
    return '';
  },
  'says whether an id exists': async (ctx: Context, id: string) =>
    String(await ctx.db.post.count({ where: { id } })),
};

test.each(Object.entries(CARELESS))('the matrix finds a tool that %s', async (_what, run) => {
  const careless = defineTool({
    name: 'get_post',
    title: 'Careless',
    description: 'Forgets the team. Only in tests.',
    scope: 'captions:read',
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    input: z.strictObject({ post_id: postId, include: z.array(z.string()).optional() }),
    output: z.strictObject({ text: z.string() }),
    run: async ({ ctx, input }) => ({ text: await run(ctx, input.post_id) }),
  });
  await using other = await serveMcp(context, [careless]);
  const { leaks } = await tenantMatrix({ served: other, tools: [careless] });
  expect(leaks).not.toEqual([]);
});

test('the matrix finds a tool that asks for another scope than it is thought to', async () => {
  const [first] = tools;
  const loose = { ...first!, scope: 'campaigns:read', name: 'create_campaign' } as const;
  await using other = await serveMcp(context, [loose]);
  const { leaks } = await runScopeMatrix({
    context,
    served: other,
    ours,
    tools: [tools.find(({ name }) => name === 'create_campaign')!],
  });
  expect(leaks).not.toEqual([]);
});
