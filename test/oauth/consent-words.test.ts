import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { PRESETS, SCOPES } from '../../server/scopes.ts';
import { ENGLISH } from '../../views/words/english.ts';
import { GERMAN } from '../../views/words/german.ts';
import { openScriptedBrowser, registerClient, type Page } from '../support/oauth-client.ts';
import { startOAuthApp, type OAuthApp } from './support/oauth-app.ts';
import { textOf } from './support/open-consent.ts';

let app: OAuthApp;
beforeAll(async () => {
  app = await startOAuthApp();
});
afterAll(() => app[Symbol.asyncDispose]());

interface Texts {
  [key: string]: string | ((sample: number) => string) | Texts;
}

/** Every text of a catalogue by its path; functions are asked with a sample. */
function listTexts(words: Texts, path = ''): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(words)) {
    const at = `${path}.${key}`;
    if (typeof value === 'function') texts.set(at, value(2));
    else if (typeof value === 'object') for (const [k, text] of listTexts(value, at)) texts.set(k, text);
    else texts.set(at, value);
  }
  return texts;
}

async function open(language: string, page: 'consent' | 'sign-in' | 'gone'): Promise<Page> {
  const browser = await app.openBrowser();
  if (page === 'sign-in') browser.cookies.delete('grantcast_session');
  browser.language = language;
  const client = await registerClient(app.origin);
  const parameters = page === 'gone' ? { client_id: 'dyn_forgotten' } : {};
  return browser.open(client.startAuthorization(parameters).url);
}

describe('the two catalogues', () => {
  it('have the same texts, each in its own words', () => {
    const [english, german] = [ENGLISH, GERMAN].map((words) => listTexts(words as unknown as Texts)) as [
      Map<string, string>,
      Map<string, string>,
    ];
    expect([...german.keys()]).toEqual([...english.keys()]);
    const same = [...english].filter(([key, text]) => /\p{L}/u.test(text) && german.get(key) === text);
    expect(same.map(([key]) => key)).toEqual(['.consent.team']);
  });

  it('have words for every scope and preset', () => {
    for (const { scopes, presets } of [ENGLISH, GERMAN]) {
      expect(Object.keys(scopes)).toEqual([...SCOPES]);
      expect(Object.keys(presets)).toEqual(PRESETS.map(({ id }) => id));
    }
  });
});

describe('the language', () => {
  it.each([
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.5', 'de'],
    ['fr-FR,fr;q=0.9,de;q=0.4,en;q=0.2', 'de'],
    ['en-GB', 'en'],
    ['en,de', 'en'],
    ['ja', 'en'],
    ['*', 'en'],
    ['', 'en'],
    ['de;q=0', 'en'],
    [`${'x'.repeat(3000)},,;;q=q`, 'en'],
  ])('for Accept-Language %j is %s', async (header, language) => {
    expect((await open(header, 'consent')).html).toContain(`<html lang="${language}">`);
  });

  it('is that of every page on the way', async () => {
    const browser = await app.openBrowser();
    browser.language = 'de';
    const client = await registerClient(app.origin);
    const page = await browser.open(client.startAuthorization().url);
    expect(textOf(page)).toContain('Eine App auf diesem Computer mit Grantcast verbinden?');
    expect(textOf(page)).toContain('Sie nennt sich Scripted editor nicht bestätigt');
    expect(textOf(page)).toContain(GERMAN.scopes['media:write']);
    expect(textOf(page)).not.toMatch(/\b(the|your|Allow|Team of|what)\b/);
    const wrong = await browser.submit(page, 'Erlauben', { team: 'none' });
    expect(textOf(wrong)).toContain('Wählen Sie eines Ihrer Teams.');
    const back = await browser.submit(page, 'Ablehnen');
    expect(back.html).toContain('<html lang="de">');
    expect(textOf(back)).toBe(
      'Zurück zu Scripted editor Weiter zu Scripted editor Es wurde nichts erlaubt. Wenn sich die App geöffnet hat, können Sie dieses Fenster schließen.',
    );
    expect(textOf(await browser.open(page.url))).toContain('Diese Anfrage ist nicht mehr offen');
    expect(textOf(await open('de', 'gone'))).toContain('Diese App ist hier nicht bekannt');
  });

  it('is that of signing in, which says why it is asked', async () => {
    const german = await open('de', 'sign-in');
    expect(german.html).toContain('<html lang="de">');
    expect(textOf(german)).toContain(GERMAN.signIn.anAppAsks);
    expect(textOf(await open('en', 'sign-in'))).toContain(ENGLISH.signIn.anAppAsks);
    const plain = await openScriptedBrowser(app.origin).open(`${app.origin}/sign-in`);
    expect(textOf(plain)).not.toContain(ENGLISH.signIn.anAppAsks);
  });
});
