import { remove } from 'confusables';

export interface KnownClient {
  name: string;
  /** Other ways to write it. */
  aliases?: readonly string[];
  /** Hosts that answer for it: of its redirect URIs and its metadata document. */
  hosts: readonly string[];
  /** Its URI schemes, as `URL.protocol` writes them. */
  schemes?: readonly string[];
}

/** Names that people trust, and where their owners answer. Longer names come before those they contain. */
const KNOWN_CLIENTS: readonly KnownClient[] = [
  { name: 'Grantcast', hosts: [] },
  { name: 'ChatGPT', aliases: ['OpenAI'], hosts: ['chatgpt.com', 'chat.openai.com'] },
  { name: 'Claude', aliases: ['Anthropic'], hosts: ['claude.ai', 'claude.com'], schemes: ['claude:'] },
  {
    name: 'GitHub Copilot',
    aliases: ['Copilot', 'GitHub'],
    hosts: ['github.com', 'vscode.dev', 'insiders.vscode.dev'],
    schemes: ['vscode:', 'vscode-insiders:'],
  },
  {
    name: 'Visual Studio Code',
    aliases: ['VS Code', 'Visual Studio'],
    hosts: ['vscode.dev', 'insiders.vscode.dev'],
    schemes: ['vscode:', 'vscode-insiders:'],
  },
  { name: 'Cursor', hosts: ['cursor.com', 'www.cursor.com'], schemes: ['cursor:'] },
  { name: 'Codex', hosts: ['chatgpt.com'] },
  { name: 'Gemini', hosts: ['gemini.google.com'] },
  { name: 'Windsurf', hosts: ['windsurf.com'], schemes: ['windsurf:'] },
  { name: 'MCP Inspector', aliases: ['Inspector'], hosts: [] },
  { name: 'JetBrains', hosts: ['jetbrains.com', 'www.jetbrains.com'], schemes: ['jetbrains:'] },
  { name: 'Goose', hosts: [], schemes: ['goose:'] },
  { name: 'Zed', hosts: ['zed.dev'], schemes: ['zed:'] },
];

/** Shorter names are parts of ordinary words, so they count only as words of their own. */
const MIN_LENGTH_WITHIN_WORDS = 6;

/**
 * Whose name this is or looks like.
 * isImitation: it only looks like it, being written with other characters (Unicode TS #39: the same skeleton).
 * @param claimed as the client wrote it, untouched
 */
export function findKnownClient(claimed: string): { known: KnownClient; isImitation: boolean } | null {
  const plainly = KNOWN_CLIENTS.find((known) => carries(toPlain(claimed), known, toPlain));
  if (plainly) return { known: plainly, isImitation: false };
  const skeletons = [claimed, claimed.normalize('NFKC')].map(toSkeleton);
  const alike = KNOWN_CLIENTS.find((known) =>
    skeletons.some((skeleton) => carries(skeleton, known, toSkeleton)),
  );
  return alike ? { known: alike, isImitation: true } : null;
}

interface Folded {
  words: readonly string[];
  compact: string;
}

function carries(
  name: Folded,
  { name: known, aliases = [] }: KnownClient,
  toFolded: (text: string) => Folded,
): boolean {
  return [known, ...aliases].some((one) => {
    const { compact } = toFolded(one);
    if (compact.length >= MIN_LENGTH_WITHIN_WORDS) return name.compact.includes(compact);
    return name.compact === compact || name.words.includes(compact);
  });
}

/** As written, but for letter case and what separates words. */
function toPlain(text: string): Folded {
  return fold(text.toLowerCase().split(/[\s._-]+/));
}

/** What somebody sees who does not look closely. */
function toSkeleton(text: string): Folded {
  const bare = text.replace(/[\p{Cf}\p{Cc}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu, '');
  const plain = remove(foldLookalikes(bare)).normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return fold(
    foldLookalikes(plain)
      .replaceAll('rn', 'm')
      .replaceAll('vv', 'w')
      .replaceAll('ii', 'u')
      .replace(/[i|!1j]/g, 'l')
      .split(/[^\p{L}\p{N}]+/u),
  );
}

function fold(parts: readonly string[]): Folded {
  const words = parts.filter(Boolean);
  return { words, compact: words.join('') };
}

/** What the package does not know, and digits and signs that stand for letters. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '0': 'o',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '6': 'g',
  '7': 't',
  '8': 'b',
  $: 's',
  '@': 'a',
  '€': 'e',
  Ⴎ: 'u',
  Ꮹ: 'G',
  Ᏽ: 'G',
};
const LOOKALIKE = new RegExp(`[${Object.keys(LOOKALIKES).join('')}]`, 'gu');

function foldLookalikes(text: string): string {
  return text.replace(LOOKALIKE, (character) => LOOKALIKES[character] ?? character);
}
