/** A cell; null is not known and left empty. */
export type CsvCell = string | number | null;

/** What a spreadsheet would take for the beginning of a formula, also behind blanks and in its full-width forms. */
const FORMULA = /^(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/u;

/**
 * A table as RFC 4180 has it, with a byte order mark, without which spreadsheets read UTF-8 as something else. A text that
 * would be run as a formula gets an apostrophe in front (OWASP, CSV injection): texts come from clients and networks.
 */
export function toCsv(header: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return `\uFEFF${[header, ...rows].map((row) => `${row.map(toCell).join(',')}\r\n`).join('')}`;
}

function toCell(value: CsvCell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n']|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
