import type { ShownConnection } from '../../../views/connection-facts.ts';
import { channelName } from '../../../views/networks.ts';
import { ENGLISH } from '../../../views/words/english.ts';
import type { PersonCaller } from '../../caller.ts';
import type { ClientHistory, ClientStep } from '../../clients/client-history.ts';
import { mayManage, type ConnectionFacts } from '../../clients/connection-facts.ts';
import { describePolicies } from '../../clients/describe-policy.ts';
import { diagnoseClient } from '../../clients/diagnose.ts';
import { readHandshake } from '../../clients/handshake.ts';
import type { Context } from '../../context.ts';
import { isScope, SCOPES, withImplied } from '../../scopes.ts';

const MOST_STEPS = 100;

/**
 * Connections with their permissions and policies in words. Where one is used from is for its person and for owners, here
 * as in the activity.
 */
export async function showConnections(
  context: Context,
  caller: PersonCaller,
  connections: readonly ConnectionFacts[],
): Promise<ShownConnection[]> {
  const policies = await describePolicies(context, caller, connections, channelName);
  return connections.map((connection) => {
    const granted = withImplied(connection.scopes);
    return {
      ...connection,
      lastAddress: mayManage(caller, connection) ? connection.lastAddress : null,
      permissions: granted.map((scope) => ENGLISH.scopes[scope]),
      lacking: SCOPES.filter((scope) => !granted.includes(scope)).map((scope) => ENGLISH.scopes[scope]),
      policy: policies.get(connection.id) ?? [],
      mayManage: mayManage(caller, connection),
    };
  });
}

/** What the connection doctor has to say, as its block on a page takes it. */
export function consultDoctor(history: ClientHistory, caller: PersonCaller, timeZone: string) {
  const own = history.connections.filter((connection) => mayManage(caller, connection));
  // A step before any connection may be anybody's who has one.
  const maySee = ({ connectionId }: ClientStep) =>
    caller.role === 'owner' ||
    (connectionId === null
      ? own.length > 0 && own.length === history.connections.length
      : own.some(({ id }) => id === connectionId));
  return {
    timeZone,
    stages: readHandshake(history),
    diagnoses: diagnoseClient(history).map((diagnosis) => ({
      ...diagnosis,
      seen: diagnosis.seen.map(({ text, at }) => ({ text: nameScopes(text), at })),
    })),
    steps: history.steps
      .toReversed()
      .slice(0, MOST_STEPS)
      .map((step) => ({
        ...step,
        address: maySee(step) ? step.address : null,
        reason: step.reason && nameScopes(step.reason),
      })),
  };
}

const SCOPE_LIST = /[a-z]+:[a-z]+(?: [a-z]+:[a-z]+)*/g;

/** Permissions as the consent page calls them. */
function nameScopes(text: string): string {
  return text.replaceAll(SCOPE_LIST, (list) => {
    const scopes = list.split(' ');
    return scopes.every(isScope) ? scopes.map((scope) => ENGLISH.scopes[scope]).join(', ') : list;
  });
}
