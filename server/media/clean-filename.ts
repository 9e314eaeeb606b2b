const MAX_LENGTH = 120;

/**
 * A name to show, and never a path: the last segment without control characters, without those that turn or hide text, and
 * without those that mean something to shells, headers or file systems. Null when nothing is left.
 */
export function cleanFilename(name: string): string | null {
  const segment = name.toWellFormed().normalize('NFC').split(/[\\/]/).at(-1)!;
  const clean = segment
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu, '')
    .replace(/["'`<>|?*:;%]/g, '')
    .replace(/\s+/g, ' ')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  return Array.from(clean).slice(0, MAX_LENGTH).join('').trim() || null;
}
