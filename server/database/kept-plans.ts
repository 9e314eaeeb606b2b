import { createHash } from 'node:crypto';

/** Begins a statement that every post needs on its way: planning the larger of them takes longer than running them. */
const MARK = '/* plan kept */';

const names = new Map<string, string>();

/**
 * The name under which each connection prepares a statement that bears the mark, once; '' for all others, which are planned
 * each time. A name stays in each connection until that ends, so the mark is for statements of a constant text only, and for
 * rows that are found by their keys: a kept plan does not look at the values.
 */
export function nameStatement({ sql }: { sql: string }): string {
  if (!sql.startsWith(MARK)) return '';
  const known = names.get(sql);
  if (known) return known;
  const name = createHash('sha256').update(sql).digest('hex').slice(0, 32);
  names.set(sql, name);
  return name;
}
