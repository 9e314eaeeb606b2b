/** Characters that change how the text around a name reads, or show nothing: controls, directions, invisible spaces. */
const DISTURBING =
  /[\p{Cc}\p{Cs}\p{Co}\p{Z}\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\u{E0000}-\u{E007F}]+/gu;

/** A name that people choose freely on their network, as far as it may stand among other text; empty when nothing is left. */
export function cleanName(name: string, maxLength: number): string {
  const clean = name.replaceAll(DISTURBING, ' ').trim();
  return [...clean].slice(0, maxLength).join('').trim();
}
