import {
  registerClient,
  type OAuthClient,
  type Page,
  type ScriptedBrowser,
} from '../../support/oauth-client.ts';
import type { OAuthApp } from './oauth-app.ts';

export interface OpenConsent {
  client: OAuthClient;
  page: Page;
}

/** A client that was never seen, and the page on which it asks. */
export async function openConsent(
  { origin }: Pick<OAuthApp, 'origin'>,
  browser: ScriptedBrowser,
  parameters: Record<string, string | null> = {},
  metadata: Record<string, unknown> = {},
): Promise<OpenConsent> {
  const client = await registerClient(origin, metadata);
  return { client, page: await browser.open(client.startAuthorization(parameters).url) };
}

/** The names of the boxes of a page, and whether each is ticked. */
export function boxesOf(page: Page): Map<string, boolean> {
  const boxes = [...page.html.matchAll(/<input type="checkbox" name="([^"]*)"([^>]*)>/g)];
  return new Map(boxes.map(([, name = '', rest = '']) => [name, /\schecked/.test(rest)]));
}

/** What a person reads of a page, in one line. */
export function textOf(page: Page): string {
  const [, main = ''] = page.html.split('<main');
  return main
    .replace(/^[^>]*>/, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
