// A reader of LinkedIn's `little` text by the grammar of its documentation:
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format (2026-11-21).
//   LittleText    ::= LittleElement+
//   LittleElement ::= TextElement | MentionElement | HashtagElement | HashtagTemplate
//   TextElement: any character that is not reserved, or a reserved one behind a backslash
//   MentionElement: @[text](urn); HashtagElement: # and a word; HashtagTemplate: {hashtag|sign|text}
// What the documentation does not say and many have met: at a reserved character that begins no element the post just ends.

const RESERVED = new Set('|{}@[]()<>#\\*_~');
const WORD = /[\p{L}\p{M}\p{N}]/u;
const URN = /^urn:li:(person|organization):[\w-]+$/;

export interface ShownText {
  /** As people read it. */
  text: string;
  hashtags: string[];
  /** Urns. */
  mentions: string[];
  /** The post ended before its text did. */
  isCut: boolean;
}

export function parseLittleText(commentary: string): ShownText {
  const characters = Array.from(commentary);
  const shown: ShownText = { text: '', hashtags: [], mentions: [], isCut: false };
  let at = 0;
  while (at < characters.length) {
    const next =
      readText(characters, at) ??
      readMention(characters, at, shown) ??
      readTemplate(characters, at, shown) ??
      readHashtag(characters, at, shown);
    if (!next) return { ...shown, isCut: true };
    shown.text += next.text;
    at = next.end;
  }
  return shown;
}

interface Element {
  text: string;
  end: number;
}

function readText(characters: readonly string[], at: number): Element | null {
  const [character, second] = [characters[at]!, characters[at + 1]];
  if (character === '\\') {
    return second !== undefined && RESERVED.has(second) ? { text: second, end: at + 2 } : null;
  }
  return RESERVED.has(character) ? null : { text: character, end: at + 1 };
}

/** Text elements up to a delimiter. */
function readUntil(characters: readonly string[], from: number, delimiter: string): Element | null {
  let text = '';
  let at = from;
  while (characters[at] !== delimiter) {
    const element = at < characters.length ? readText(characters, at) : null;
    if (!element) return null;
    text += element.text;
    at = element.end;
  }
  return text === '' ? null : { text, end: at + 1 };
}

function readMention(characters: readonly string[], at: number, shown: ShownText): Element | null {
  if (characters[at] !== '@' || characters[at + 1] !== '[') return null;
  const name = readUntil(characters, at + 2, ']');
  if (!name || characters[name.end] !== '(') return null;
  const close = characters.indexOf(')', name.end);
  const urn = characters.slice(name.end + 1, close).join('');
  if (close === -1 || !URN.test(urn)) return null;
  shown.mentions.push(urn);
  return { text: name.text, end: close + 1 };
}

function readTemplate(characters: readonly string[], at: number, shown: ShownText): Element | null {
  const head = '{hashtag|';
  if (characters.slice(at, at + head.length).join('') !== head) return null;
  let end = at + head.length;
  if (characters[end] === '\\') end += 1;
  const sign = characters[end];
  if ((sign !== '#' && sign !== '＃') || characters[end + 1] !== '|') return null;
  const tag = readUntil(characters, end + 2, '}');
  if (!tag) return null;
  shown.hashtags.push(tag.text);
  return { text: sign + tag.text, end: tag.end };
}

function readHashtag(characters: readonly string[], at: number, shown: ShownText): Element | null {
  if (characters[at] !== '#') return null;
  let end = at + 1;
  while (end < characters.length && WORD.test(characters[end]!)) end += 1;
  if (end === at + 1) return null;
  const word = characters.slice(at + 1, end).join('');
  shown.hashtags.push(word);
  return { text: `#${word}`, end };
}
