// How a Mastodon server counts and shows a text, from https://docs.joinmastodon.org/user/posting/#text and the example at
// https://docs.joinmastodon.org/entities/Status/ (checked 2026-11-21).

const LINK = /https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]']/g;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Links count as much as the server says, of the address of an account only the name. */
export function countStatusCharacters(text: string, perLink: number): number {
  const counted = text
    .replaceAll(LINK, 'x'.repeat(perLink))
    .replaceAll(/(^|[^\w/])@(\w+)@[\w.-]+\w/g, '$1@$2');
  return [...segmenter.segment(counted)].length;
}

/** As `content`: paragraphs, breaks, links in three pieces, hashtags and mentions as links. */
export function toStatusHtml(text: string, url: string): string {
  return text
    .trim()
    .split(/\n{2,}/)
    .map(
      (paragraph) =>
        `<p>${paragraph
          .split('\n')
          .map((line) => toLine(line, url))
          .join('<br />')}</p>`,
    )
    .join('');
}

function toLine(line: string, url: string): string {
  let html = '';
  let end = 0;
  for (const match of line.matchAll(LINK)) {
    html += toWords(line.slice(end, match.index), url) + toLink(match[0]);
    end = match.index + match[0].length;
  }
  return html + toWords(line.slice(end), url);
}

function toWords(words: string, url: string): string {
  return escapeHtml(words)
    .replaceAll(
      /(^|[^\w&/])#(\w*[\p{L}_]\w*)/gu,
      `$1<a href="${url}/tags/$2" class="mention hashtag" rel="tag">#<span>$2</span></a>`,
    )
    .replaceAll(
      /(^|[^\w/])@(\w+)@([\w.-]+\w)/g,
      '$1<span class="h-card" translate="no"><a href="https://$3/@$2" class="u-url mention">@<span>$2</span></a></span>',
    );
}

function toLink(address: string): string {
  const prefix = /^https?:\/\/(?:www\.)?/.exec(address)![0];
  const [shown, rest] = [address.slice(prefix.length, prefix.length + 30), address.slice(prefix.length + 30)];
  const look = rest ? 'ellipsis' : '';
  return (
    `<a href="${escapeHtml(address)}" target="_blank" rel="nofollow noopener noreferrer" translate="no">` +
    `<span class="invisible">${prefix}</span><span class="${look}">${escapeHtml(shown)}</span>` +
    `<span class="invisible">${escapeHtml(rest)}</span></a>`
  );
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
