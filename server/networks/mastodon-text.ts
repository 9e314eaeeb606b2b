// The text of a post as a server shows it: https://docs.joinmastodon.org/entities/Status/#content (checked 2026-11-21). Links are
// shown in pieces, of which some are hidden, and mentions without their domain.

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};
const MENTION_DOMAIN = /(@[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)@[\p{L}\p{N}.-]*[\p{L}\p{N}]/giu;

/** What people read: tags gone, paragraphs and breaks as white space. */
export function readHtmlText(html: string): string {
  return html
    .replaceAll(/<br\b[^<>]*>|<\/(?:p|div|li|h[1-6]|blockquote|pre)>/gi, '\n')
    .replaceAll(/<[^<>]*>/g, '')
    .replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{1,8}));/gi, decodeEntity);
}

/**
 * True when the network shows `html` for the text that we sent; white space, invisible characters and the domains of mentions
 * do not count.
 */
export function isShownAs(text: string, html: string): boolean {
  return normalise(readHtmlText(html)) === normalise(text);
}

function normalise(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(MENTION_DOMAIN, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function decodeEntity(whole: string, decimal?: string, hex?: string, name?: string): string {
  if (name) return ENTITIES[name.toLowerCase()] ?? whole;
  const code = decimal ? Number(decimal) : Number.parseInt(hex!, 16);
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
}
