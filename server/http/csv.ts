/** A cell; null is not known and left empty. */
export type CsvCell = string | number | null;

/** What a spreadsheet would take for the beginning of a formula, also behind blanks and in its full-width forms. */
const FORMULA = /^(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/u;

/**
 * The same within a text. A spreadsheet set to semicolons or tabs begins a cell at each, and a row at each line break: a quote
 * that is not at the beginning of what it takes for a cell holds nothing together, one that is at it is taken off. Lists and
 * mentions (`- bread`, `@baker` on a line of their own) get an apostrophe too: `- HYPERLINK(…)` is run as `=-HYPERLINK(…)` is.
 */
const FORMULA_WITHIN = /(?<=[;\t\r\n][\s"]*)[=+\-@＝＋－＠]/gu;

/**
 * A table as RFC 4180 has it, with a byte order mark, without which spreadsheets read UTF-8 as something else. A text that
 * would be run as a formula gets an apostrophe in front (OWASP, CSV injection), also where it is split in another way: texts come from clients and networks.
 */
export function toCsv(header: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return `\uFEFF${[header, ...rows].map((row) => `${row.map(toCell).join(',')}\r\n`).join('')}`;
}

function toCell(value: CsvCell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const within = value.replaceAll(FORMULA_WITHIN, "'$&");
  const text = FORMULA.test(value) ? `'${within}` : within;
  return /[",\r\n']|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
