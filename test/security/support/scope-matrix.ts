import type { Context } from '../../../server/context.ts';
import { newId } from '../../../server/ids.ts';
import type { Tool } from '../../../server/mcp/define-tool.ts';
import { PRESETS, SCOPES, withImplied, type Scope } from '../../../server/scopes.ts';
import { connectClient } from '../../domain/connect-client.ts';
import { modernRequest, type ServedMcp } from '../../mcp/serve-mcp.ts';
import { goodInputsOf } from '../../tools/id-arguments.ts';
import { readTeamState } from '../../tools/team-state.ts';
import type { World } from '../../tools/world.ts';
import type { MatrixResult } from './tenant-matrix.ts';

export interface ScopeMatrix {
  context: Context;
  served: ServedMcp;
  tools: readonly Tool[];
  ours: World;
}

/** Nothing, each preset, all but each one, and each one alone. */
const SCOPE_SETS: readonly (readonly Scope[])[] = [
  [],
  ...PRESETS.map(({ scopes }) => scopes),
  ...SCOPES.map((missing) => SCOPES.filter((scope) => scope !== missing)),
  ...SCOPES.map((only) => [only]),
];

/** Every tool x every set of scopes, over the endpoint with real tokens: what is not granted is neither served nor listed. */
export async function runScopeMatrix(matrix: ScopeMatrix): Promise<MatrixResult> {
  const { context, tools, ours } = matrix;
  const result: MatrixResult = { cases: 0, leaks: [] };
  for (const scopes of SCOPE_SETS) {
    const { token } = await connectClient(context, ours.owner, scopes);
    const granted = new Set(withImplied(scopes));
    const listed = await listTools(matrix, token);
    const readState = async () => JSON.stringify(await readTeamState(context, ours.owner.team.id));
    for (const tool of tools) {
      const isGranted = granted.has(tool.scope);
      const before = isGranted ? null : await readState();
      const status = await call(matrix, tool, token);
      const problem =
        (status === (isGranted ? 200 : 403) ? null : `answered ${status}`) ??
        (listed.includes(tool.name) === isGranted ? null : 'is listed wrongly') ??
        (before === null || before === (await readState()) ? null : 'was refused and changed something');
      if (problem) result.leaks.push(`${tool.name} with ${scopes.join(' ') || 'no scope'}: ${problem}`);
      result.cases += 1;
    }
  }
  return result;
}

async function listTools({ served }: ScopeMatrix, token: string): Promise<string[]> {
  const request = modernRequest('tools/list');
  const response = await served.post(request.body, { ...request.headers, authorization: `Bearer ${token}` });
  const text = await response.text();
  return [...text.matchAll(/"name":"([a-z_]+)","title"/g)].map((match) => match[1]!);
}

/** Its good input with ids of nothing, so that what is granted changes nothing that a later case is about. */
async function call({ served, ours }: ScopeMatrix, tool: Tool, token: string): Promise<number> {
  const input = JSON.stringify(goodInputsOf(tool, ours)[0]).replaceAll(
    /\b(cmp|pst|chn|med)_[0-9a-f]{32}/g,
    (_, prefix: keyof typeof KINDS) => newId(KINDS[prefix]),
  );
  const request = modernRequest('tools/call', {
    name: tool.name,
    arguments: JSON.parse(input) as Record<string, unknown>,
  });
  const response = await served.post(request.body, { ...request.headers, authorization: `Bearer ${token}` });
  await response.text();
  return response.status;
}

const KINDS = { cmp: 'campaign', pst: 'post', chn: 'channel', med: 'media' } as const;
