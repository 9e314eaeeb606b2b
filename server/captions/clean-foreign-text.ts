/** Control characters, and what is invisible, turns the direction of a line or fills a place without being seen. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u115f\u1160\u3164\uffa0]|\p{Variation_Selector}/gu;

/**
 * A text of somebody unknown as plain words: nothing in it that is not seen, at most `maxLength` characters, cut at a word
 * where one is near.
 */
export function cleanForeignText(text: string, maxLength: number): string {
  const seen = text
    .normalize('NFC')
    .replaceAll(/\r\n?|[\u2028\u2029]/g, '\n')
    .replaceAll(HIDDEN, (character) => (character === '\n' ? '\n' : character === '\t' ? ' ' : ''))
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
  if (seen.length <= maxLength) return seen;
  const cut = seen.slice(0, maxLength - 1);
  const lastSpace = cut.search(/\s\S*$/);
  return `${(lastSpace > maxLength * 0.8 ? cut.slice(0, lastSpace) : cut).toWellFormed().trimEnd()}…`;
}
