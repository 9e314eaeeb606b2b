// LinkedIn's format for the text of a post: every reserved character that stands for itself is escaped, or the network
// ends the post at it and says nothing.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format (checked 2026-11-21)

const RESERVED = /[\\|{}@[\]()<>#*_~]/g;
/** A mention is written as LinkedIn documents it: `@[Name](urn:li:organization:1234)`. */
const MENTION = String.raw`@\[(?<name>[^\]\n]{1,200})\]\((?<urn>urn:li:(?:person|organization):[A-Za-z0-9_-]{1,100})\)`;
const TOKEN = new RegExp(
  String.raw`(?<link>https?:\/\/\S+)|${MENTION}|(?<![\p{L}\p{M}\p{N}_&#])#(?<tag>(?=[\p{N}_]*[\p{L}\p{M}])[\p{L}\p{M}\p{N}_]+)`,
  'giu',
);
const MENTIONS = new RegExp(MENTION, 'gu');

/**
 * What goes into `commentary` so that people see the text as it was written: hashtags become the template, mentions in the
 * documented form are kept, all else is escaped.
 */
export function escapeLittleText(text: string): string {
  let escaped = '';
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const { name, urn, tag } = match.groups!;
    escaped += escape(text.slice(end, match.index));
    if (tag) escaped += String.raw`{hashtag|\#|${escape(tag)}}`;
    else if (name && urn) escaped += `@[${escape(name)}](${urn})`;
    else escaped += escape(match[0]);
    end = match.index + match[0].length;
  }
  return escaped + escape(text.slice(end));
}

/** The text as people see it on LinkedIn: of a mention, the name. */
export function readVisibleText(text: string): string {
  return text.replaceAll(MENTIONS, '$<name>');
}

const ELEMENT = new RegExp(
  String.raw`\\(?<escaped>[\\|{}@[\]()<>#*_~])|\{hashtag\|\\?[#＃]\|(?<tag>(?:\\.|[^\\{}|])+)\}|@\[(?<name>(?:\\.|[^\\\]])+)\]\(urn:li:[^)\s]+\)`,
  'gu',
);

/** What people see of a `commentary` as LinkedIn gives it back: escapes, hashtags and mentions resolved. */
export function readLittleText(commentary: string): string {
  return commentary.replaceAll(ELEMENT, (...found) => {
    const { escaped, tag, name } = found.at(-1) as Record<string, string | undefined>;
    if (escaped !== undefined) return escaped;
    return tag === undefined ? readLittleText(name!) : `#${readLittleText(tag)}`;
  });
}

function escape(text: string): string {
  return text.replaceAll(RESERVED, String.raw`\$&`);
}
