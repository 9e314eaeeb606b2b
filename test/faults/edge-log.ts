import pg from 'pg';

import type { DeliveryState } from '../../server/deliveries/delivery-state.ts';

/** One change of a delivery's state or fence, in the order in which they were made. */
export interface LoggedEdge {
  deliveryId: string;
  from: DeliveryState | null;
  to: DeliveryState;
  fromFence: number | null;
  toFence: number;
  /** Milliseconds since the epoch, by PostgreSQL's clock. */
  atMs: number;
}

/**
 * The campaign's own record of what happened to every delivery: a trigger of its own, beside everything that the product
 * writes down. As the owner of the tables, because the server may not make triggers.
 */
export async function installEdgeLog(ownerUrl: string): Promise<void> {
  await withOwner(ownerUrl, async (client) => {
    await client.query(`
      create table fault_edge (
        no bigint generated always as identity primary key, delivery_id text not null, from_state text, to_state text not null,
        from_fence int, to_fence int not null, at timestamptz not null default clock_timestamp()
      );
      create function log_fault_edge() returns trigger language plpgsql security definer set search_path = public as $$
      begin
        insert into fault_edge (delivery_id, from_state, to_state, from_fence, to_fence)
        values (new.id, case tg_op when 'UPDATE' then old.state end, new.state, case tg_op when 'UPDATE' then old.fence end, new.fence);
        return null;
      end $$;
      create trigger fault_edge_is_logged after insert or update of state, fence on delivery
        for each row execute function log_fault_edge();`);
  });
}

export async function readEdgeLog(ownerUrl: string): Promise<LoggedEdge[]> {
  return withOwner(ownerUrl, async (client) => {
    const { rows } = await client.query<LoggedEdge>(`
      select delivery_id as "deliveryId", from_state as "from", to_state as "to", from_fence as "fromFence",
        to_fence as "toFence", (extract(epoch from at) * 1000)::float8 as "atMs"
      from fault_edge order by no`);
    return rows;
  });
}

async function withOwner<T>(ownerUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
