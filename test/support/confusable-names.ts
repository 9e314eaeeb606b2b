/** Names that people trust. */
const KNOWN_NAMES = [
  'Grantcast',
  'Claude',
  'ChatGPT',
  'GitHub Copilot',
  'Visual Studio Code',
  'VS Code',
  'Cursor',
  'Codex',
  'Gemini',
  'Windsurf',
  'MCP Inspector',
  'Zed',
] as const;

const CYRILLIC = mapping('aceopxysijdhwACEOPXSTMGVI', 'асеорхуѕіјԁһԝАСЕОРХЅТМԌѴІ');
const GREEK = mapping('aeinouvxCZGTPMIEO', 'αειηουνχϹΖGΤΡΜΙΕΟ');
const DIGITS = mapping('oleasigOIS', '01345160I5');
const SUPERSCRIPT = mapping('abcdefghijklmnoprstuvwxyz', 'ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ');

/** Ways to write a name so that it looks the same, or nearly, and is another one. */
const DISGUISES: Readonly<Record<string, (name: string) => string>> = {
  cyrillic: (name) => replaceLetters(name, CYRILLIC),
  greek: (name) => replaceLetters(name, GREEK),
  digits: (name) => replaceLetters(name, DIGITS),
  superscript: (name) => replaceLetters(name, SUPERSCRIPT),
  fullwidth: (name) => shiftLetters(name, 0xff21, 0xff41),
  'mathematical bold': (name) => shiftLetters(name, 0x1d400, 0x1d41a),
  circled: (name) => shiftLetters(name, 0x24b6, 0x24d0),
  'zero-width characters': (name) => [...name].join('\u200b'),
  'soft hyphens and word joiners': (name) => [...name].join('\u00ad\u2060'),
  'dots below': (name) => name.replaceAll(/[aeiou]/g, '$&\u0323'),
};

export interface ConfusableName {
  known: string;
  disguise: string;
  name: string;
}

/** 120 of them: every known name in every disguise. */
export const CONFUSABLE_NAMES: readonly ConfusableName[] = KNOWN_NAMES.flatMap((known) =>
  Object.entries(DISGUISES).map(([disguise, put]) => ({ known, disguise, name: put(known) })),
);

function mapping(from: string, to: string): ReadonlyMap<string, string> {
  const targets = [...to];
  return new Map([...from].map((letter, at) => [letter, targets[at]!]));
}

function replaceLetters(name: string, letters: ReadonlyMap<string, string>): string {
  return [...name].map((letter) => letters.get(letter) ?? letter).join('');
}

function shiftLetters(name: string, upperA: number, lowerA: number): string {
  return name
    .replaceAll(/[A-Z]/g, (letter) => String.fromCodePoint(upperA + letter.charCodeAt(0) - 65))
    .replaceAll(/[a-z]/g, (letter) => String.fromCodePoint(lowerA + letter.charCodeAt(0) - 97));
}
