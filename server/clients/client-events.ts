import type pg from 'pg';

import { newId } from '../ids.ts';
import type { Logger } from '../log.ts';

/** The steps of a client's handshake, in the order in which they usually come, and what goes wrong with them. */
export type ClientEventKind =
  | 'metadata_read'
  | 'wrong_path'
  | 'registered'
  | 'registration_refused'
  | 'document_read'
  | 'document_failed'
  | 'authorize_refused'
  | 'consent_shown'
  | 'consent_denied'
  | 'token_issued'
  | 'token_refreshed'
  | 'token_refused'
  | 'bearer_missing'
  | 'bearer_expired'
  | 'bearer_invalid'
  | 'scope_challenged'
  | 'first_call'
  | 'header_shim_used';

export interface ClientEvent {
  kind: ClientEventKind;
  clientId?: string | undefined;
  connectionId?: string | undefined;
  personId?: string | undefined;
  address?: string | undefined;
  userAgent?: string | undefined;
  /** Why it failed, in words that are safe to show. */
  reason?: string | undefined;
}

/** Notes what clients do on their way in, for the connection doctor. Nothing waits for it, and it never throws. */
export interface ClientEvents {
  record(event: ClientEvent): void;
  /** Resolves when everything recorded so far is stored. */
  flush(): Promise<void>;
}

const SAME_EVENT_MS = 60_000;
/** Their number says something: each is kept. */
const NEVER_REPEATED: ReadonlySet<ClientEventKind> = new Set(['registered', 'token_issued', 'first_call']);
const MAX_REMEMBERED = 5_000;
/** Steps of nobody known, whom no token or sign-in vouches for: anybody can make as many as they like. */
const STRANGERS_PER_MINUTE = { perAddress: 300, together: 1_000 } as const;
const MAX_TEXT = 200;

/** The same event of the same client comes again within a minute: it is stored once, so that a loop cannot fill the table. */
export function createClientEvents(pool: pg.Pool, log: Logger): ClientEvents {
  const seenAt = new Map<string, { at: number; address: string | undefined }>();
  const strangers = { since: -Infinity, together: 0, byAddress: new Map<string, number>() };
  let waiting: ClientEvent[] = [];
  let writing: Promise<void> | null = null;

  function isRepeated(event: ClientEvent): boolean {
    // What comes after a sign-in is another thing than the same before it.
    if (event.kind === 'token_issued') forgetAddress(event.address);
    if (NEVER_REPEATED.has(event.kind)) return false;
    const { kind, clientId, connectionId, address, userAgent, reason } = event;
    const key = JSON.stringify([kind, clientId, connectionId, address, userAgent, reason]);
    const now = performance.now();
    const isKnown = now - (seenAt.get(key)?.at ?? -Infinity) < SAME_EVENT_MS;
    if (!isKnown) seenAt.set(key, { at: now, address });
    if (seenAt.size > MAX_REMEMBERED) seenAt.clear();
    return isKnown;
  }

  /** Beyond the limit they are not kept: the table must not grow as fast as somebody can send requests. */
  function isFlood({ kind, connectionId, personId, address = '' }: ClientEvent): boolean {
    // Registrations are limited where they are made.
    if (kind === 'registered' || connectionId !== undefined || personId !== undefined) return false;
    const now = performance.now();
    if (now - strangers.since > 60_000) {
      strangers.byAddress.clear();
      Object.assign(strangers, { since: now, together: 0 });
    }
    const ofAddress = (strangers.byAddress.get(address) ?? 0) + 1;
    if (ofAddress > STRANGERS_PER_MINUTE.perAddress || strangers.together >= STRANGERS_PER_MINUTE.together) {
      return true;
    }
    strangers.byAddress.set(address, ofAddress);
    strangers.together += 1;
    return false;
  }

  function forgetAddress(address: string | undefined): void {
    for (const [key, seen] of seenAt) if (seen.address === address) seenAt.delete(key);
  }

  async function writeWaiting(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await insertEvents(pool, batch).catch((error: unknown) =>
        log.warn({ err: error, lost: batch.length }, 'steps of clients were not noted'),
      );
    }
    writing = null;
  }

  return {
    record(event) {
      if (isRepeated(event) || isFlood(event)) return;
      waiting.push(event);
      writing ??= writeWaiting();
    },
    async flush() {
      await writing;
    },
  };
}

async function insertEvents(pool: pg.Pool, events: readonly ClientEvent[]): Promise<void> {
  const rows = events.map((event) => ({
    id: newId('clientEvent'),
    kind: event.kind,
    client_id: toText(event.clientId, 2_000),
    connection_id: toText(event.connectionId),
    person_id: toText(event.personId),
    address: toText(event.address),
    user_agent: toText(event.userAgent),
    reason: toText(event.reason),
  }));
  await pool.query({
    name: 'insert_client_events',
    text: `insert into client_event (id, at, kind, client_id, connection_id, person_id, address, user_agent, reason)
      select id, clock_timestamp(), kind, client_id, connection_id, person_id, address, user_agent, reason
      from json_to_recordset($1) as row (id text, kind text, client_id text, connection_id text, person_id text,
        address text, user_agent text, reason text)`,
    values: [JSON.stringify(rows)],
  });
}

/** PostgreSQL stores no NUL, and a stranger chooses most of these texts. */
function toText(value: string | undefined, maxLength = MAX_TEXT): string | null {
  return value?.replaceAll('\0', '').slice(0, maxLength) || null;
}
