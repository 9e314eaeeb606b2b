const LENGTH = 80;

/** The beginning of a text, in one line. */
export function toExcerpt(text: string): string {
  const line = Array.from(text.replace(/\s+/g, ' ').trim());
  return line.length <= LENGTH ? line.join('') : `${line.slice(0, LENGTH - 1).join('')}…`;
}
