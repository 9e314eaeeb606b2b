import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { invalidInput } from '../errors.ts';

const NAMES = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/** Every language that has a code of two letters (ISO 639-1) and an English name, by its name. */
export const LANGUAGES: readonly { code: string; name: string }[] = findLanguages();

function findLanguages() {
  const letters = [...'abcdefghijklmnopqrstuvwxyz'];
  const codes = letters.flatMap((first) => letters.map((second) => `${first}${second}`));
  const named = codes.flatMap((code) => {
    const name = NAMES.of(code);
    // Codes that were withdrawn stand for newer ones.
    return name && Intl.getCanonicalLocales(code)[0] === code ? [{ code, name }] : [];
  });
  const sorted = named.toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
  // Some have two codes; one is enough.
  return sorted.filter(({ name }, index) => name !== sorted[index - 1]?.name);
}

/** English name of a language by its code. */
export function languageName(code: string): string {
  return NAMES.of(code) ?? code;
}

/** Its code; null for none. @throws AppError InvalidInput (`invalid_language`) */
export function parseLanguage(code: string): string | null {
  if (code === '' || LANGUAGES.some((language) => language.code === code)) return code || null;
  throw invalidInput({
    code: 'invalid_language',
    field: 'language',
    message: 'This language is not known. Choose one of the list, or none.',
  });
}

/** In which the team writes, ISO 639-1; null where nobody said. */
export async function findTeamLanguage(
  { db }: Pick<Context, 'db'>,
  { teamId }: Pick<Caller, 'teamId'>,
): Promise<string | null> {
  const team = await db.team.findUniqueOrThrow({ where: { id: teamId }, select: { language: true } });
  return team.language;
}
