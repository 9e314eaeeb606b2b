import { invalidInput } from './errors.ts';

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 50;

/** One page of a list; `nextCursor` is null on the last. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

export interface PageInput {
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** Where a page ended: the sort key of its last row as PostgreSQL wrote it, and its id. */
export interface Position {
  key: string;
  id: string;
}

/** Opaque to clients; it holds nothing that the page itself did not show. */
export function writeCursor(order: string, position: Position): string {
  return Buffer.from(JSON.stringify([order, position.key, position.id])).toString('base64url');
}

/**
 * @param order names the list and its sort order: a cursor of another list is refused.
 * @throws AppError InvalidInput (`invalid_cursor`)
 */
export function readCursor(order: string, cursor: string | undefined): Position | null {
  if (cursor === undefined) return null;
  const parts = parse(cursor);
  if (!parts || parts[0] !== order) {
    throw invalidInput({
      code: 'invalid_cursor',
      field: 'cursor',
      message:
        'This cursor does not belong to this list. Leave it out to start again, and keep the other filters as they were.',
    });
  }
  return { key: parts[1], id: parts[2] };
}

/** Cuts the extra row that was asked for to see whether there is more. */
export function toPage<Row extends Position, Item>(
  rows: Row[],
  limit: number,
  order: string,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toItem),
    nextCursor: rows.length > limit && last ? writeCursor(order, { key: last.key, id: last.id }) : null,
  };
}

// A timestamp as PostgreSQL prints it, and an id: nothing else reaches a query.
const KEY = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(\.\d{1,6})?([+-]\d{2}(?::[0-5]\d){0,2})$/;
const ID = /^[a-z]{2,5}_[0-9a-f]{32}$/;

/** Of the right form, and a day and a time that exist: PostgreSQL would report any other as its own error. */
function isTimestamp(key: string): boolean {
  const [, day, time, , offset] = KEY.exec(key) ?? [];
  if (!day || !time || !offset || Number(offset.slice(1, 3)) > 15) return false;
  const at = new Date(`${day}T${time}Z`);
  return !Number.isNaN(at.getTime()) && day > '0001' && at.toISOString().startsWith(`${day}T${time}`);
}

function parse(cursor: string): [string, string, string] | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parts) || parts.length !== 3) return null;
    const [order, key, id] = parts as unknown[];
    if (typeof order !== 'string' || typeof key !== 'string' || typeof id !== 'string') return null;
    return isTimestamp(key) && ID.test(id) ? [order, key, id] : null;
  } catch {
    return null;
  }
}
