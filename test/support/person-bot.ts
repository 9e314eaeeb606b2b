import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { approve, openScriptedBrowser, type ScriptedBrowser } from './oauth-client.ts';
import { OWNER } from './test-server.ts';

/** The person whose browser a client opens: signs in, presses Allow, and lands on the client's callback page. */
export interface PersonBot extends AsyncDisposable {
  /** How often a browser was opened so far. */
  opened: string[];
  /** What went wrong in the browser: nothing, in a run that works. */
  problems: unknown[];
  /** Opens a page as a browser would, to the client's callback page and its last byte. */
  visit(authorizationUrl: URL | string): Promise<void>;
  /** Writes programs into a folder that stand for the machine's browser (`$BROWSER`, `xdg-open`). @returns `$BROWSER` */
  installBrowser(binDir: string): Promise<string>;
}

export async function startPersonBot(origin: string): Promise<PersonBot> {
  const opened: string[] = [];
  const problems: unknown[] = [];
  const session = await signIn(origin);

  async function visit(authorizationUrl: URL | string): Promise<void> {
    opened.push(String(authorizationUrl));
    // A tab of its own for each, signed in all: what one flow keeps in cookies, the flow beside it must not overwrite.
    const browser = openScriptedBrowser(origin);
    for (const [name, value] of session.cookies) browser.cookies.set(name, value);
    const back = await approve(browser, String(authorizationUrl), OWNER);
    const response = await fetch(back);
    await response.text();
  }

  // The programs below hand over the address and are gone, as a browser's launcher is.
  const server = createServer((request, response) => {
    const target = new URL(request.url!, 'http://127.0.0.1').searchParams.get('url')!;
    response.end();
    visit(target).catch((error: unknown) => problems.push(error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const listensAt = `http://127.0.0.1:${(server.address() as AddressInfo).port}/?url=`;

  return {
    opened,
    problems,
    visit,
    async installBrowser(binDir) {
      await mkdir(binDir, { recursive: true });
      const handOver = `void fetch('${listensAt}' + encodeURIComponent(process.argv.at(-1)))`;
      for (const name of ['browser', 'xdg-open']) {
        const file = path.join(binDir, name);
        await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" -e "${handOver}" -- "$1"\n`);
        await chmod(file, 0o755);
      }
      return path.join(binDir, 'browser');
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function signIn(origin: string): Promise<ScriptedBrowser> {
  const browser = openScriptedBrowser(origin);
  const page = await browser.open(`${origin}/sign-in`);
  await browser.submit(page, 'Sign in', OWNER);
  return browser;
}
