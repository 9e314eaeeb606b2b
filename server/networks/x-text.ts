// What X makes of a text: a link becomes one of t.co, told in `entities`; a picture adds one at the end; `&`, `<` and `>` are
// escaped. https://docs.x.com/x-api/fundamentals/data-dictionary (checked 2026-11-21).
import { z } from 'zod';

const urlEntity = z.object({
  url: z.string().nullish(),
  expanded_url: z.string().nullish(),
  media_key: z.string().nullish(),
});
const entities = z.object({ urls: z.array(urlEntity).nullish() }).nullish();
const longText = z.object({ text: z.string(), entities }).nullish();

/** The text of a post as X gives it: `note_post` holds all of one that is longer than 280. */
export const xText = z.object({ text: z.string(), entities, note_post: longText, note_tweet: longText });

const SHORT_LINK = /https:\/\/t\.co\/\w+/;
const ESCAPED: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };

/**
 * Whether a post has this text, after the links are resolved.
 * @returns null where it cannot be told: a link in it was not resolved
 */
export function hasXText(post: z.infer<typeof xText>, text: string): boolean | null {
  const whole = post.note_post ?? post.note_tweet ?? post;
  const urls = whole.entities?.urls ?? [];
  let shown = whole.text;
  for (const { url, expanded_url: target, media_key: mediaKey } of urls) {
    if (!url) continue;
    const isPicture = Boolean(mediaKey) || /\/status\/\d+\/(photo|video)\/\d+$/.test(target ?? '');
    if (isPicture) shown = shown.replace(url, '');
    else if (target) shown = shown.replace(url, () => target);
  }
  shown = shown.replaceAll(/&(?:lt|gt|amp);/g, (escaped) => ESCAPED[escaped]!);
  if (normalize(shown) === normalize(text)) return true;
  return SHORT_LINK.test(shown) ? null : false;
}

/** X adds http:// to a bare domain and a slash behind a host, and takes away blanks at both ends. */
function normalize(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/https?:\/\/(?=\S)/gi, '')
    .replaceAll(/\/(?=\s|$)/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
