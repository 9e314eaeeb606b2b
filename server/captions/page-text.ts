export interface PageText {
  title: string;
  description: string;
  /** What stands on the page, in its order, one line per block. */
  text: string;
}

/** Whose content is no text of the page (WHATWG HTML: raw text, templates, what is drawn or filled in). */
const SKIPPED = new Set([
  ...[
    'script',
    'style',
    'noscript',
    'template',
    'svg',
    'math',
    'iframe',
    'object',
    'canvas',
    'audio',
    'video',
  ],
  ...['select', 'textarea', 'button', 'nav', 'footer', 'aside', 'form', 'dialog', 'title'],
]);
/** Their content is text to the end tag, whatever it looks like. */
const RAW = new Set(['script', 'style', 'noscript', 'iframe', 'textarea', 'title']);
const BLOCKS = new Set([
  ...[
    'p',
    'div',
    'br',
    'hr',
    'li',
    'ul',
    'ol',
    'dl',
    'dt',
    'dd',
    'tr',
    'table',
    'section',
    'article',
    'main',
  ],
  ...['header', 'blockquote', 'pre', 'figure', 'figcaption', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'],
]);
const VOID = new Set([
  'br',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'source',
  'track',
  'wbr',
  'area',
  'base',
  'col',
]);

/**
 * The words of an HTML page. Not a parser of HTML: it goes over the tags once, from left to right, in linear time, and what
 * it takes for text is only ever data. A page that has `main` or `article` is read there alone.
 */
export function readPageText(html: string): PageText {
  const page = { title: '', 'og:title': '', description: '', 'og:description': '' };
  const all: string[] = [];
  const main: string[] = [];
  let skippedIn: string | null = null;
  let depth = 0;
  let mainDepth = 0;
  const say = (text: string) => {
    if (skippedIn !== null) return;
    all.push(text);
    if (mainDepth > 0) main.push(text);
  };
  for (const { kind, name, text, attributes } of readTokens(html)) {
    if (kind === 'text') say(decodeEntities(text.replaceAll(/\s+/g, ' ')));
    else if (kind === 'raw') {
      if (name === 'title' && page.title === '') page.title = decodeEntities(text);
    } else if (skippedIn !== null) {
      if (name === skippedIn) depth += kind === 'open' ? 1 : -1;
      if (depth === 0) skippedIn = null;
    } else if (kind === 'open' && name === 'meta') noteMeta(page, attributes);
    else if (kind === 'open' && SKIPPED.has(name) && !RAW.has(name)) [skippedIn, depth] = [name, 1];
    else {
      if (BLOCKS.has(name)) say('\n');
      if (name === 'main' || name === 'article')
        mainDepth = Math.max(0, mainDepth + (kind === 'open' ? 1 : -1));
    }
  }
  const words = main.join('').trim();
  return {
    title: page['og:title'] || page.title,
    description: page['og:description'] || page.description,
    text: (words.length >= ENOUGH ? words : all.join('')).replaceAll(/\s*\n\s*/g, '\n').trim(),
  };
}

/** A main part with less in it is taken for a frame that a script fills. */
const ENOUGH = 200;

function noteMeta(page: Record<string, string>, attributes: string): void {
  const name = (readAttribute(attributes, 'name') ?? readAttribute(attributes, 'property'))?.toLowerCase();
  const content = readAttribute(attributes, 'content');
  if (name && content && name !== 'title' && page[name] === '') page[name] = content;
}

interface Token {
  kind: 'text' | 'raw' | 'open' | 'close';
  name: string;
  text: string;
  attributes: string;
}

function* readTokens(html: string): Generator<Token> {
  const lower = html.toLowerCase();
  let at = 0;
  while (at < html.length) {
    const start = html.indexOf('<', at);
    if (start === -1 || start > at) {
      const end = start === -1 ? html.length : start;
      yield { kind: 'text', name: '', text: html.slice(at, end), attributes: '' };
      at = end;
    } else if (html.startsWith('<!--', at)) at = endAfter(html, '-->', at + 4);
    else if (!/[a-z/!?]/.test(lower[at + 1] ?? '')) {
      yield { kind: 'text', name: '', text: '<', attributes: '' };
      at += 1;
    } else {
      const end = endOfTag(html, at);
      const isClosing = html[at + 1] === '/';
      const name = /^[a-z][a-z0-9-]*/.exec(lower.slice(at + (isClosing ? 2 : 1), at + 40))?.[0] ?? '';
      const attributes = html.slice(at + 1 + name.length, end - 1);
      if (name && !(isClosing && VOID.has(name))) {
        yield { kind: isClosing ? 'close' : 'open', name, text: '', attributes };
      }
      at = end;
      if (isClosing || !RAW.has(name)) continue;
      const close = lower.indexOf(`</${name}`, at);
      const rawEnd = close === -1 ? html.length : close;
      yield { kind: 'raw', name, text: html.slice(at, rawEnd), attributes: '' };
      at = close === -1 ? html.length : endOfTag(html, close);
    }
  }
}

function endAfter(html: string, mark: string, from: number): number {
  const found = html.indexOf(mark, from);
  return found === -1 ? html.length : found + mark.length;
}

/** Behind the `>` that is in no quotes. */
function endOfTag(html: string, from: number): number {
  let quote = '';
  for (let at = from + 1; at < html.length; at += 1) {
    const character = html[at]!;
    if (quote) quote = character === quote ? '' : quote;
    else if (character === '>') return at + 1;
    else if ((character === '"' || character === "'") && html[at - 1] === '=') quote = character;
  }
  return html.length;
}

function readAttribute(attributes: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(
    attributes,
  );
  const value = found?.[1] ?? found?.[2] ?? found?.[3];
  return value === undefined ? undefined : decodeEntities(value);
}

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', hellip: '…', ndash: '–', mdash: '—' },
  ...{ lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”', laquo: '«', raquo: '»', bull: '•', middot: '·' },
  ...{
    auml: 'ä',
    ouml: 'ö',
    uuml: 'ü',
    Auml: 'Ä',
    Ouml: 'Ö',
    Uuml: 'Ü',
    szlig: 'ß',
    eacute: 'é',
    egrave: 'è',
  },
  ...{
    agrave: 'à',
    ccedil: 'ç',
    ntilde: 'ñ',
    copy: '©',
    reg: '®',
    trade: '™',
    euro: '€',
    pound: '£',
    deg: '°',
  },
};

function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{2,8}));/gi, (whole, hex, decimal, name) => {
    if (name) return ENTITIES[String(name)] ?? whole;
    const code = hex ? Number.parseInt(String(hex), 16) : Number(decimal);
    return code > 0 && code <= 0x10_ff_ff && !(code >= 0xd8_00 && code <= 0xdf_ff)
      ? String.fromCodePoint(code)
      : '';
  });
}
