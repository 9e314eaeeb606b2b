const MAX_LENGTH = 60;
/** Control characters, and those that are invisible or turn the direction of the text around them. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** What a client calls itself, fit for showing: one line, nothing invisible, not too long. Anybody can claim any name. */
export function displayClientName(claimed: string | undefined): string {
  const name = (claimed ?? '').replace(UNSAFE, ' ').replace(/\s+/g, ' ').trim();
  if (!name) return 'An app without a name';
  const characters = [...name];
  return characters.length > MAX_LENGTH ? `${characters.slice(0, MAX_LENGTH - 1).join('')}…` : name;
}
