import type { BrowserContext, Page, Response } from 'playwright-core';

const TOKEN = /p(\d+)s(\d+)q/g;

/** Tells what ran, asked elsewhere, or stands in a page as if it could. */
export interface ScriptWatch {
  /** @returns what is wrong with the page, in words, and the tokens that it shows */
  open(page: Page, url: string): Promise<Seen>;
  /** The same of wherever `go` leads. */
  follow(page: Page, go: () => Promise<Response | null>): Promise<Seen>;
}

export interface Seen {
  problems: string[];
  shown: ReadonlySet<string>;
  /** Other views of the same list. */
  more: string[];
}

/** Watches every page of a browser; payloads call `hit`, or ask evil.example for something. */
export async function watchScripts(visit: BrowserContext): Promise<ScriptWatch> {
  const seen: string[] = [];
  await visit.exposeFunction('hit', (token: unknown) => void seen.push(`ran ${String(token)}`));
  await visit.route(/^https?:\/\/evil\.example\//, (route) => {
    seen.push(`asked for ${route.request().url()}`);
    return route.abort();
  });
  visit.on('dialog', (dialog) => {
    seen.push(`said ${dialog.message()}`);
    return dialog.dismiss();
  });

  const follow: ScriptWatch['follow'] = async (page, go) => {
    seen.length = 0;
    const response = await go().catch((error: Error) => error);
    if (response instanceof Error) {
      return { problems: [...seen, `is not there: ${response.message}`], shown: new Set(), more: [] };
    }
    const found = await page.evaluate(inspect).catch((error: Error) => error);
    if (found instanceof Error) {
      return { problems: [...seen, `went away: ${found.message}`], shown: new Set(), more: [] };
    }
    const status = response?.status() ?? 0;
    return {
      problems: [...seen, ...found.problems, ...(status === 500 ? ['was answered by a fault'] : [])],
      shown: new Set([...found.markup.matchAll(TOKEN)].map(([token]) => token)),
      more: found.more,
    };
  };
  return {
    follow,
    open: async (page, url) => follow(page, async () => page.goto(url, { waitUntil: 'load' })),
  };
}

/** In the page, once what runs by itself has run. */
async function inspect() {
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 20)));
  const problems: string[] = [];
  const say = (element: Element) => problems.push(`has ${element.outerHTML.slice(0, 200)}`);
  const isForeign = (address: string) => address !== '' && new URL(address, location.href).origin !== origin;
  for (const element of document.querySelectorAll('*')) {
    const names = element.getAttributeNames();
    const scheme = element instanceof HTMLAnchorElement ? element.protocol : '';
    const name = element.localName;
    if (names.some((attribute) => attribute.startsWith('on'))) say(element);
    else if (['iframe', 'object', 'embed', 'base', 'frame', 'animate', 'set'].includes(name)) say(element);
    else if (scheme && !['http:', 'https:', 'mailto:', 'vscode:', 'cursor:'].includes(scheme)) say(element);
    else if (name === 'script' && isForeign(element.getAttribute('src') ?? 'http://inline.invalid'))
      say(element);
    else if (name === 'form' && isForeign(element.getAttribute('action') ?? '')) say(element);
    else if (element.hasAttribute('formaction') && isForeign(element.getAttribute('formaction')!))
      say(element);
  }
  const more = [...document.querySelectorAll<HTMLAnchorElement>('a[href]')]
    .filter(({ search, pathname }) => search !== '' && pathname === location.pathname)
    .map(({ pathname, search }) => pathname + search);
  return { problems, markup: document.documentElement.outerHTML, more: [...new Set(more)] };
}
