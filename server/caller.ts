import { notAllowed } from './errors.ts';
import type { Role, Scope } from './scopes.ts';

/** Acts through MCP, under a connection that a person approved. */
export interface ConnectionCaller {
  kind: 'connection';
  teamId: string;
  personId: string;
  role: Role;
  connectionId: string;
  clientId: string;
  clientName: string;
  /** The stamp of the team's policy rules when the call began. */
  policyVersion: number;
  scopes: ReadonlySet<Scope>;
  /** The network address that the call came from. */
  address?: string | undefined;
}

/** Acts in a signed-in browser. */
export interface PersonCaller {
  kind: 'person';
  teamId: string;
  personId: string;
  role: Role;
  /** The network address of the browser. */
  address?: string | undefined;
}

/** Who acts now. The team always comes from here, never from an argument. */
export type Caller = ConnectionCaller | PersonCaller;

/** As far as the activity record names who acted. */
export type Actor =
  | (Omit<PersonCaller, 'role'> & { role?: Role })
  | (Pick<ConnectionCaller, 'kind' | 'teamId' | 'personId' | 'connectionId' | 'address'> & { role?: Role });

/** The connection under which the caller acts, or null in the browser. */
export function connectionIdOf(caller: Actor): string | null {
  return caller.kind === 'connection' ? caller.connectionId : null;
}

/** @throws AppError NotAllowed (`viewer`): a viewer can only look, whatever their connection was granted. */
export function assertMayWrite(caller: Caller): void {
  if (caller.role !== 'viewer') return;
  throw notAllowed({
    code: 'viewer',
    message: 'A viewer of this team can only look. Ask an owner of the team for the role of editor.',
  });
}
