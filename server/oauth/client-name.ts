import { findKnownClient } from './known-clients.ts';

const MAX_LENGTH = 60;
/** What a letter of a living language needs; more are piled up to cover the lines around. */
const MAX_MARKS = 3;
/** Control characters, and those that are invisible or turn the direction of the text around them. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const PILED_MARKS = new RegExp(`(\\p{M}{${MAX_MARKS}})\\p{M}+`, 'gu');
/** Marks with nothing under them would sit on whatever stands in front of the name. */
const LEADING_MARKS = /^[\p{M}\s]+/u;

/** What a client claims about its name, and what of it may be shown. Anybody can claim any name. */
export interface ClaimedName {
  /** One line, nothing invisible, not too long; empty when nothing is left. */
  text: string;
  /** A known name that it carries, in any writing. */
  known: string | null;
  /** It carries the known name in characters that only look like it, and so must not be shown as it stands. */
  isImitation: boolean;
}

export function readClientName(claimed: string | undefined): ClaimedName {
  const raw = claimed ?? '';
  const found = findKnownClient(raw.trim());
  return {
    text: cleanName(raw),
    known: found?.known.name ?? null,
    isImitation: found?.isImitation ?? false,
  };
}

/** What a client calls itself, fit for showing and for storing. */
export function displayClientName(claimed: string | undefined): string {
  const { text, known, isImitation } = readClientName(claimed);
  if (isImitation) return `An app whose name imitates ${known}`;
  return text || 'An app without a name';
}

function cleanName(claimed: string): string {
  const name = claimed
    .replace(UNSAFE, ' ')
    .normalize('NFKC')
    .replace(UNSAFE, ' ')
    .replace(/\s+/g, ' ')
    .replace(PILED_MARKS, '$1')
    .replace(LEADING_MARKS, '')
    .trim();
  const characters = [...name];
  return characters.length > MAX_LENGTH ? `${characters.slice(0, MAX_LENGTH - 1).join('')}…` : name;
}
