/** As JSON.stringify writes what PostgreSQL's jsonb refuses: NUL, and half of a surrogate pair. */
const UNSTORABLE = /\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** @returns null for what is no JSON, or JSON but no object */
export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** Whether a member, at any depth, has a character that the database cannot keep. */
export function hasUnstorableText(value: Record<string, unknown>): boolean {
  return UNSTORABLE.test(JSON.stringify(value));
}
