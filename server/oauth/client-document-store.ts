import type { Context } from '../context.ts';

/** Between two tries of a document that cannot be read; it doubles from one failure to the next. */
const FIRST_PAUSE_SECONDS = 60;
const LONGEST_PAUSE_SECONDS = 600;

export interface StoredDocument {
  /** The last good one; null when there never was one. */
  body: string | null;
  /** Why the latest try failed; null when it did not. */
  problem: string | null;
  /** Until it is fetched again: what its host wants, or the pause after a failure. 0 when it is time. */
  restSeconds: number;
}

export async function findDocument(context: Context, url: string): Promise<StoredDocument | null> {
  const [row] = await context.db.$queryRaw<StoredDocument[]>`
    select body, problem,
      greatest(0, extract(epoch from fresh_until - clock_timestamp()))::float8 as "restSeconds"
    from client_document where url = ${url}`;
  return row ?? null;
}

export async function storeDocument(
  context: Context,
  document: { url: string; body: string; keepSeconds: number },
): Promise<void> {
  const { url, body, keepSeconds } = document;
  await context.db.$executeRaw`
    insert into client_document (url, body, fetched_at, fresh_until)
    values (${url}, ${body}, clock_timestamp(), clock_timestamp() + make_interval(secs => ${keepSeconds}::float8))
    on conflict (url) do update
    set body = excluded.body, fetched_at = excluded.fetched_at, fresh_until = excluded.fresh_until,
      failed_at = null, problem = null`;
}

/** The last good document stays and goes on serving. */
export async function storeFailure(
  context: Context,
  failure: { url: string; problem: string },
): Promise<void> {
  await context.db.$executeRaw`
    insert into client_document as known (url, failed_at, problem, fresh_until)
    values (${failure.url}, clock_timestamp(), ${failure.problem},
      clock_timestamp() + make_interval(secs => ${FIRST_PAUSE_SECONDS}::float8))
    on conflict (url) do update
    set failed_at = excluded.failed_at, problem = excluded.problem,
      fresh_until = case when known.failed_at is null then excluded.fresh_until
        else clock_timestamp() + least((known.fresh_until - known.failed_at) * 2,
          make_interval(secs => ${LONGEST_PAUSE_SECONDS}::float8)) end`;
}
