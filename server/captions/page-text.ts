import { Parser } from 'htmlparser2';

export interface PageText {
  title: string;
  description: string;
  /** What stands on the page, in its order, one line per block. */
  text: string;
}

/** Whose content is no text of the page: what is run, drawn, filled in or stands around it. */
const SKIPPED = wordsOf(
  'script style noscript noembed noframes template title svg math iframe object canvas audio video',
  'select textarea button form dialog nav footer aside',
);
const BLOCKS = wordsOf(
  'p div br hr li ul ol dl dt dd tr table section article main header blockquote pre figure figcaption',
  'h1 h2 h3 h4 h5 h6',
);
/** A main part with less in it is taken for a frame that a script fills. */
const ENOUGH = 200;
/** Far deeper than pages are. The parser's time grows with the depth, so a page that nests on is not read further. */
const MAX_DEPTH = 256;

/** The words of an HTML page, which are only ever data. A page that has `main` or `article` is read there alone. */
export function readPageText(html: string): PageText {
  const about = new Map<string, string>();
  const all: string[] = [];
  const main: string[] = [];
  let title = '';
  let [depth, skippedDepth, mainDepth] = [0, 0, 0];
  let isInTitle = false;
  const say = (text: string) => {
    if (skippedDepth > 0) return;
    all.push(text);
    if (mainDepth > 0) main.push(text);
  };
  const step = (name: string, by: 1 | -1) => {
    depth += by;
    if (SKIPPED.has(name)) skippedDepth += by;
    if (name === 'main' || name === 'article') mainDepth += by;
    if (BLOCKS.has(name)) say('\n');
  };
  const parser = new Parser({
    onopentag(name, { name: key, property, content }) {
      const field = (key ?? property)?.toLowerCase();
      if (name === 'meta' && skippedDepth === 0 && field && content && !about.has(field)) {
        about.set(field, content);
      }
      isInTitle = name === 'title' && skippedDepth === 0 && title === '';
      step(name, 1);
      if (depth > MAX_DEPTH) parser.pause();
    },
    ontext(text) {
      if (isInTitle) title += text;
      else say(text.replaceAll(/\s+/g, ' '));
    },
    onclosetag(name) {
      isInTitle = false;
      step(name, -1);
    },
  });
  parser.end(html);
  const words = main.join('');
  return {
    title: about.get('og:title') ?? title,
    description: about.get('og:description') ?? about.get('description') ?? '',
    text: (words.trim().length >= ENOUGH ? words : all.join(''))
      .replaceAll(/[^\S\n]+/g, ' ')
      .replaceAll(/ ?\n[ \n]*/g, '\n')
      .trim(),
  };
}

function wordsOf(...lines: string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')));
}
