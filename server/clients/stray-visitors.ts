import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { ClientStep } from './client-history.ts';
import { diagnoseClient } from './diagnose.ts';
import type { Diagnosis } from './diagnosis.ts';
import { DOCTOR_USER_AGENT } from './examination.ts';

/** Some program at an address that tried to connect during the last day and belongs to no client that is known. */
export interface StrayVisitor {
  address: string;
  userAgent: string | null;
  lastAt: Date;
  diagnoses: Diagnosis[];
}

/**
 * Who did not get in, and why. Nobody can tell whose team they wanted, so only the owner of a server's one team is told;
 * others get an empty list. At most ten.
 */
export async function findStrayVisitors(context: Context, caller: PersonCaller): Promise<StrayVisitor[]> {
  if (caller.role !== 'owner') return [];
  const steps = await context.db.$queryRaw<ClientStep[]>`
    with failed as (
      select e.address, e.user_agent, max(e.at) as at from client_event e
      where e.at > clock_timestamp() - interval '1 day' and e.address is not null
        and e.kind in ('wrong_path', 'registration_refused', 'authorize_refused', 'token_refused', 'document_failed')
        and (e.client_id is null or not exists (select from client c where c.id = e.client_id))
        and (select count(*) from team) = 1 and e.user_agent is distinct from ${DOCTOR_USER_AGENT}
      group by e.address, e.user_agent order by max(e.at) desc limit 10
    )
    select e.kind, e.at, e.client_id as "clientId", e.connection_id as "connectionId", e.address,
      e.user_agent as "userAgent", e.reason
    from failed f join client_event e on e.address = f.address and e.user_agent is not distinct from f.user_agent
    where e.at > clock_timestamp() - interval '1 day'
    order by e.at, e.kind limit 1000`;
  const visitors = Map.groupBy(steps, ({ address, userAgent }) => JSON.stringify([address, userAgent]));
  return [...visitors.values()]
    .map((own) => {
      const last = own.at(-1)!;
      const diagnoses = diagnoseClient({ now: last.at, steps: own, connections: [], clientIdCount: 0 });
      return {
        address: last.address!,
        userAgent: last.userAgent,
        lastAt: last.at,
        diagnoses: diagnoses.filter(({ tone }) => tone === 'problem'),
      };
    })
    .filter(({ diagnoses }) => diagnoses.length > 0)
    .toSorted((a, b) => b.lastAt.getTime() - a.lastAt.getTime());
}
