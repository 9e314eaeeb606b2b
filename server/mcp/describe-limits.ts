import type { ConnectionCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { decide } from '../policy/decide.ts';
import type { PolicyTable } from '../policy/policy-table.ts';
import { connectionUrl } from '../policy/policy-urls.ts';
import { roleAllows, SCOPES, type Scope } from '../scopes.ts';

/**
 * What this connection may not do and a wider one might, for the model to tell its person: tools that are not granted are
 * not listed, so that a model would not even know of them. Null when everything is granted and no rule names a tool.
 */
export function describeLimits(
  { publicUrl }: Pick<Context, 'publicUrl'>,
  caller: ConnectionCaller,
  table: PolicyTable,
): string | null {
  const missing = SCOPES.filter((scope) => !caller.scopes.has(scope) || !roleAllows(caller.role, scope));
  const limits = [
    ...missing.map((scope) => ACTIONS[scope]),
    ...table.namedTools.flatMap((tool) => limitOf(tool, caller, table)),
  ];
  if (limits.length === 0) return null;
  return `This connection may not ${limits.join(', ')}. A person can change that: ${connectionUrl({ publicUrl }, caller.connectionId)}`;
}

/** For models, so in English: what people read is in views/words. */
const ACTIONS: Readonly<Record<Scope, string>> = {
  'campaigns:read': 'see campaigns and channels',
  'campaigns:write': 'create campaigns',
  'captions:read': 'read posts',
  'captions:write': 'write posts',
  'schedule:read': 'see the schedule',
  'schedule:write': 'schedule posts',
  'posts:publish': "publish without a person's yes",
  'analytics:read': 'see analytics',
  'audit:read': 'see who did what',
  'media:read': 'see media',
  'media:write': 'add media',
};

function limitOf(tool: string, { clientId, connectionId }: ConnectionCaller, table: PolicyTable): string[] {
  const { effect } = decide(table, { kind: 'tool', clientId, connectionId, tool, channelId: null });
  return effect === 'allow' ? [] : [`call ${tool}${effect === 'ask' ? ' (a person does that)' : ''}`];
}
