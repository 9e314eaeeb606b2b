import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

import { createEditor } from '../support/editor.ts';
import type { PersonBot } from '../support/person-bot.ts';

const INSTALLED = path.join(import.meta.dirname, 'node_modules');
const PATIENCE_MS = 60_000;

/** One installation of a client, as on one person's machine: its own home, its own stored tokens. */
export interface RealClient extends AsyncDisposable {
  /** From where it stands, be it nothing but the URL, to the result of list_channels. @returns the channels' networks */
  callListChannels(): Promise<string[]>;
  /** Takes the refresh token out of what it stored. @returns how many there were */
  loseRefreshToken(): Promise<number>;
}

export interface Installation {
  mcpUrl: string;
  person: PersonBot;
  home: string;
  /** A port of its own for the callback page, for clients whose port is fixed. */
  callbackPort: number;
}

interface ClientKind {
  install(installation: Installation): Promise<RealClient>;
  /**
   * It comes back to a new port each time and throws its registration away with the old one, so its refresh token is no
   * use to it: what keeps it connected is that its access token is honoured for longer than it was told.
   */
  forgetsItsRegistration?: true;
}

const LIST_CHANNELS = ['--tool', 'list_channels', '--output', 'json'];

/** By the names under which people know them. */
export const REAL_CLIENTS: Readonly<Record<string, ClientKind>> = {
  'sdk v1 client': { install: (installation) => installSdkClient('sdk 1.x', installation) },
  'sdk v2 client': { install: (installation) => installSdkClient('client 2.x', installation) },
  'mcp-remote': { install: installMcpRemote },
  'inspector --cli': {
    install: ({ mcpUrl, callbackPort, ...machine }) =>
      installProgram(machine, [
        '@modelcontextprotocol/inspector/clients/launcher/build/index.js',
        ...['--cli', mcpUrl, '--transport', 'http', '--protocol-era', 'auto', '--format', 'json'],
        ...['--method', 'tools/call', '--tool-name', 'list_channels'],
        ...['--callback-url', `http://127.0.0.1:${callbackPort}/oauth/callback`],
      ]),
  },
  mcporter: {
    forgetsItsRegistration: true,
    install: ({ mcpUrl, ...machine }) =>
      installProgram(machine, [
        'mcporter/dist/cli.js',
        ...['call', '--http-url', mcpUrl, '--allow-http', '--name', 'grantcast', ...LIST_CHANNELS],
      ]),
  },
  'mcporter with a fixed callback': {
    async install({ mcpUrl, callbackPort, ...machine }) {
      const client = await installProgram(machine, [
        'mcporter/dist/cli.js',
        ...['call', '--server', 'grantcast', ...LIST_CHANNELS],
      ]);
      const oauthRedirectUrl = `http://127.0.0.1:${callbackPort}/callback`;
      const grantcast = { baseUrl: mcpUrl, auth: 'oauth', oauthRedirectUrl };
      await mkdir(path.join(machine.home, 'config'), { recursive: true });
      await writeFile(
        path.join(machine.home, 'config/mcporter.json'),
        JSON.stringify({ mcpServers: { grantcast } }),
      );
      return client;
    },
  },
};

/** The official clients are libraries: the installation is an object here, with a store in memory. */
async function installSdkClient(
  kind: 'sdk 1.x' | 'client 2.x',
  { mcpUrl, person }: Installation,
): Promise<RealClient> {
  const editor = await createEditor({ kind, mcpUrl, onAuthorize: (url) => person.visit(url) });
  let isConnected = false;
  return {
    async callListChannels() {
      if (!isConnected) await editor.connect();
      isConnected = true;
      const { structured, isError, text } = await editor.callTool('list_channels', {});
      if (isError) throw new Error(text);
      return structured.items.map(({ network }) => network);
    },
    async loseRefreshToken() {
      const had = editor.tokens()?.refresh_token ? 1 : 0;
      editor.loseRefreshToken();
      return had;
    },
    [Symbol.asyncDispose]: () => editor[Symbol.asyncDispose](),
  };
}

/** A desktop host in front of the stdio proxy, which is started anew for every use. */
async function installMcpRemote({ mcpUrl, callbackPort, ...machine }: Installation): Promise<RealClient> {
  const env = await prepareMachine(machine);
  return {
    async callListChannels() {
      const transport = new StdioClientTransport({
        command: process.execPath,
        args: [path.join(INSTALLED, 'mcp-remote/dist/proxy.js'), mcpUrl, String(callbackPort)],
        env,
        cwd: machine.home,
        stderr: 'pipe',
      });
      const told: unknown[] = [];
      transport.stderr?.on('data', (chunk) => told.push(chunk));
      const host = new Client({ name: 'desktop-host', version: '1.0.0' });
      try {
        await host.connect(transport, { timeout: PATIENCE_MS });
        const result = await host.callTool({ name: 'list_channels', arguments: {} });
        return readNetworks(JSON.stringify(result.structuredContent));
      } catch (cause) {
        throw new Error(`mcp-remote: ${told.join('')}`, { cause });
      } finally {
        await host.close();
      }
    },
    loseRefreshToken: () => removeRefreshTokens(machine.home),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** A program that connects, calls the tool, prints the result and ends. */
async function installProgram(
  machine: Pick<Installation, 'person' | 'home'>,
  [program = '', ...args]: string[],
): Promise<RealClient> {
  const env = await prepareMachine(machine);
  return {
    async callListChannels() {
      const child = spawn(process.execPath, [path.join(INSTALLED, program), ...args], {
        env,
        cwd: machine.home,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: PATIENCE_MS,
      });
      const [output, told, code] = await Promise.all([
        child.stdout.setEncoding('utf8').toArray(),
        child.stderr.setEncoding('utf8').toArray(),
        new Promise<number | null>((resolve) => child.once('exit', resolve)),
      ]);
      if (code !== 0)
        throw new Error(`${program} ended with ${String(code)}: ${told.join('')}${output.join('')}`);
      return readNetworks(output.join(''));
    },
    loseRefreshToken: () => removeRefreshTokens(machine.home),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** @returns the environment: nothing of the tester's own, so that no stored sign-in of theirs is found */
async function prepareMachine({
  person,
  home,
}: Pick<Installation, 'person' | 'home'>): Promise<Record<string, string>> {
  await mkdir(home, { recursive: true });
  const binDir = path.join(home, 'bin');
  return {
    BROWSER: await person.installBrowser(binDir),
    PATH: `${binDir}${path.delimiter}${process.env['PATH'] ?? ''}`,
    HOME: home,
    XDG_CONFIG_HOME: path.join(home, 'config'),
    XDG_DATA_HOME: path.join(home, 'data'),
    XDG_CACHE_HOME: path.join(home, 'cache'),
    XDG_STATE_HOME: path.join(home, 'state'),
    // The inspector opens no browser of itself in a program without a terminal, and looks for a keychain.
    MCP_AUTO_OPEN_ENABLED: 'true',
    MCP_INSPECTOR_SECRET_STORE: 'file',
  };
}

interface Listed {
  items?: { network: string }[];
  result?: { structuredContent: Required<Pick<Listed, 'items'>> };
}

/** @param json the tool's output itself, or the whole result around it */
function readNetworks(json: string): string[] {
  const listed = JSON.parse(json) as Listed;
  const items = listed.items ?? listed.result?.structuredContent.items;
  if (!items) throw new Error(`no channels in ${json}`);
  return items.map(({ network }) => network);
}

/** In every JSON file under the home, wherever the client keeps its tokens. */
async function removeRefreshTokens(home: string): Promise<number> {
  const names = await readdir(home, { recursive: true });
  let removed = 0;
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    const file = path.join(home, name);
    const text = await readFile(file, 'utf8');
    // Some keep JSON as a string in JSON.
    const kept = text.replaceAll(/refresh_token(\\?"\s*:\s*\\?")/g, (_all, separator) => {
      removed += 1;
      return `lost_token${separator}`;
    });
    if (kept !== text) await writeFile(file, kept);
  }
  return removed;
}
