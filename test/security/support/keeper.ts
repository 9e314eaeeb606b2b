import { Redis } from 'ioredis';
import pg from 'pg';

/** Everything that the run must keep to itself, by what it is. */
export interface Canaries {
  add(kind: string, value: string | null | undefined): void;
  /** The cookies that a browser has now; signatures are of no use alone. */
  addCookies(cookies: ReadonlyMap<string, string>): void;
  all(): { kind: string; value: string }[];
}

export function createCanaries(): Canaries {
  const kinds = new Map<string, string>();
  return {
    add(kind, value) {
      if (!value || value.length < 12)
        throw new Error(`a canary of the kind ${kind} is too short to be found`);
      kinds.set(value, kind);
    },
    addCookies(cookies) {
      for (const [name, value] of cookies) {
        if (value.length >= 20 && !name.endsWith('.sig') && !value.startsWith('team_'))
          kinds.set(value, `cookie ${name}`);
      }
    },
    all: () => [...kinds].map(([value, kind]) => ({ kind, value })),
  };
}

/** Where a canary is in a text: as it is, or written as hex, base64 or base64url, or escaped. */
export function isIn(text: string, value: string): boolean {
  const bytes = Buffer.from(value);
  // The ends depend on what stands beside them.
  const inner = (encoded: string) => encoded.replaceAll('=', '').slice(0, -2);
  const forms = [
    value,
    encodeURIComponent(value),
    bytes.toString('hex'),
    inner(bytes.toString('base64')),
    inner(bytes.toString('base64url')),
  ];
  return forms.some((form) => text.includes(form));
}

/** Every row of every table in every schema, as text; bytes also as what they say in UTF-8. */
export async function dumpDatabase(superuserUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string; columns: string[] }>(
      `select format('%I.%I', table_schema, table_name) as name,
         array_agg(column_name::text) filter (where data_type = 'bytea') as columns
       from information_schema.columns join information_schema.tables using (table_schema, table_name)
       where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE' group by 1`,
    );
    const parts: string[] = [];
    for (const { name, columns } of tables) {
      const { rows } = await client.query<{ row: string }>(
        `select row_to_json(t)::text as row from ${name} t`,
      );
      parts.push(name, ...rows.map(({ row }) => row.replaceAll('\\\\x', '').replaceAll('\\', '')));
      for (const column of columns ?? []) {
        const { rows: values } = await client.query<{ bytes: Buffer | null }>(
          `select ${pg.escapeIdentifier(column)} as bytes from ${name}`,
        );
        parts.push(...values.map(({ bytes }) => bytes?.toString('latin1') ?? ''));
      }
    }
    return parts.join('\n');
  } finally {
    await client.end();
  }
}

/** Every key and value. */
export async function dumpRedis(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const parts: string[] = [];
    for (const key of await redis.keys('*')) {
      parts.push(key, (await redis.dumpBuffer(key))?.toString('latin1') ?? '');
      if ((await redis.type(key)) === 'hash') parts.push(JSON.stringify(await redis.hgetall(key)));
    }
    return parts.join('\n');
  } finally {
    redis.disconnect();
  }
}
