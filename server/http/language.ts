import type { Context as KoaContext } from 'koa';

import { ENGLISH } from '../../views/words/english.ts';
import { GERMAN } from '../../views/words/german.ts';
import type { Words } from '../../views/words/words.ts';

const CATALOGUES: readonly Words[] = [ENGLISH, GERMAN];

/** The catalogue that the browser prefers (Accept-Language); English when it prefers none of ours. */
export function pickWords(ctx: KoaContext): Words {
  const language = ctx.acceptsLanguages(CATALOGUES.map((words) => words.language));
  return CATALOGUES.find((words) => words.language === language) ?? ENGLISH;
}
