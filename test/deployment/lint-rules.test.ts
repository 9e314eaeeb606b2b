import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

/** Each breaks one house rule: the file's place, its text, and the rule that must report it. */
const violations: readonly (readonly [place: string, text: string, rule: string])[] = [
  // Layers: ground, networks, domain, edges, composition.
  ['server/ids.ts', "import { a } from './posts/a.ts'; export const b = a;", 'no-restricted-imports'],
  ['server/seal.ts', "import { a } from '../tools/a.ts'; export const b = a;", 'no-restricted-imports'],
  ['server/log.ts', "import { a } from './app.ts'; export const b = a;", 'no-restricted-imports'],
  ['server/fetch.ts', "import { a } from './networks/a.ts'; export const b = a;", 'no-restricted-imports'],
  ['server/database/a.ts', "import { a } from '../posts/a.ts'; export const b = a;", 'no-restricted-imports'],
  ['server/networks/a.ts', "import { a } from '../posts/a.ts'; export const b = a;", 'no-restricted-imports'],
  ['server/networks/b.ts', "import pg from 'pg'; export const b = pg;", 'no-restricted-imports'],
  ['server/networks/c.ts', "import { a } from '../context.ts'; export const b = a;", 'no-restricted-imports'],
  ['server/posts/a.ts', "import { a } from '../http/a.ts'; export const b = a;", 'no-restricted-imports'],
  ['server/campaigns/a.ts', "import { a } from '../mcp/a.ts'; export const b = a;", 'no-restricted-imports'],
  [
    'server/deliveries/a.ts',
    "import { a } from '../../workers/a.ts'; export const b = a;",
    'no-restricted-imports',
  ],
  [
    'server/scheduling/a.ts',
    "import { a } from '../http/a.ts'; export const b = a;",
    'no-restricted-imports',
  ],
  ['server/channels/a.ts', "import { a } from '../oauth/a.ts'; export const b = a;", 'no-restricted-imports'],
  ['server/activity/a.ts', "import { a } from '../context.ts'; export const b = a;", 'no-restricted-imports'],
  ['server/teams/a.ts', "import Koa from 'koa'; export const b = new Koa();", 'no-restricted-imports'],
  ['server/teams/b.ts', "export const b = await import('../http/a.ts');", 'no-restricted-imports'],
  ['server/teams/c.ts', "export { a } from '../http/a.ts';", 'no-restricted-imports'],
  [
    'server/http/a.ts',
    "import { a } from '../oauth/provider.ts'; export const b = a;",
    'no-restricted-imports',
  ],
  [
    'server/http/b.ts',
    "import { a } from '../../tools/catalog.ts'; export const b = a;",
    'no-restricted-imports',
  ],
  [
    'server/http/pages/a.ts',
    "import { a } from '../../mcp/a.ts'; export const b = a;",
    'no-restricted-imports',
  ],
  [
    'server/http/pages/b.ts',
    "import { a } from '../../oauth/provider.ts'; export const b = a;",
    'no-restricted-imports',
  ],
  [
    'server/http/pages/c.ts',
    "import { a } from '../../../tools/a.ts'; export const b = a;",
    'no-restricted-imports',
  ],
  ['server/oauth/a.ts', "import { a } from '../mcp/a.ts'; export const b = a;", 'no-restricted-imports'],
  // The doctor looks from outside, so nothing of the server is its to import.
  ['server/doctor/a.ts', "import { a } from '../scopes.ts'; export const b = a;", 'no-restricted-imports'],
  ['server/doctor/b.ts', "export const b = await fetch('http://a.example');", 'no-restricted-globals'],
  ['server/posts/q.ts', "import { a } from '../doctor/a.ts'; export const b = a;", 'no-restricted-imports'],
  [
    'server/mcp/a.ts',
    "import { a } from '../oauth/provider.ts'; export const b = a;",
    'no-restricted-imports',
  ],
  ['server/mcp/b.ts', "import { a } from '../../tools/a.ts'; export const b = a;", 'no-restricted-imports'],
  [
    'server/app.ts',
    "import { a } from '../tools/list-posts.ts'; export const b = a;",
    'no-restricted-imports',
  ],
  ['workers/a.ts', "import { a } from '../server/http/a.ts'; export const b = a;", 'no-restricted-imports'],
  ['workers/b.ts', "import { a } from '../tools/a.ts'; export const b = a;", 'no-restricted-imports'],
  ['views/a.ts', "import { a } from '../server/errors.ts'; export const b = a;", 'no-restricted-imports'],
  ['tools/a.ts', "import { a } from '../server/networks/a.ts'; export const b = a;", 'no-restricted-imports'],
  ['tools/b.ts', "import { a } from '../server/config.ts'; export const b = a;", 'no-restricted-imports'],
  ['tools/c.ts', "import Router from '@koa/router'; export const b = new Router();", 'no-restricted-imports'],
  ['tools/d.ts', "import { Queue } from 'bullmq'; export const b = Queue;", 'no-restricted-imports'],
  ['tools/e.ts', "import { P } from '@prisma/client'; export const b = P;", 'no-restricted-imports'],
  [
    'tools/f.ts',
    "import { a } from '../prisma/generated/client.ts'; export const b = a;",
    'no-restricted-imports',
  ],
  // Packages with one place.
  [
    'server/posts/b.ts',
    "import { McpServer } from '@modelcontextprotocol/server'; export const b = McpServer;",
    'no-restricted-imports',
  ],
  [
    'server/http/c.ts',
    "import { a } from '@modelcontextprotocol/node'; export const b = a;",
    'no-restricted-imports',
  ],
  [
    'server/main.ts',
    "import { a } from '@modelcontextprotocol/server'; export const b = a;",
    'no-restricted-imports',
  ],
  ['server/posts/c.ts', "import axios from 'axios'; export const b = axios;", 'no-restricted-imports'],
  [
    'server/networks/d.ts',
    "import { request } from 'undici'; export const b = request;",
    'no-restricted-imports',
  ],
  [
    'server/networks/e.ts',
    "import https from 'node:https'; export const b = https;",
    'no-restricted-imports',
  ],
  ['workers/c.ts', "import { env } from 'node:process'; export const b = env;", 'no-restricted-imports'],
  // The network, the environment, SQL.
  ['server/posts/d.ts', "export const b = fetch('https://example.com');", 'no-restricted-globals'],
  ['workers/d.ts', "export const b = globalThis.fetch('https://example.com');", 'no-restricted-properties'],
  ['server/posts/e.ts', 'export const b = process.env.PORT;', 'no-restricted-properties'],
  ['server/app.ts', "export const c = process['env'];", 'no-restricted-properties'],
  ['workers/e.ts', 'const { env } = process; export const b = env;', 'no-restricted-properties'],
  [
    'server/posts/f.ts',
    "export const b = (db: Db) => db.$queryRawUnsafe('select 1');",
    'no-restricted-properties',
  ],
  [
    'server/posts/g.ts',
    "export const b = (db: Db) => db['$executeRawUnsafe']('select 1');",
    'no-restricted-properties',
  ],
  ['test/a.ts', "export const b = (db: Db) => db.$executeRawUnsafe('select 1');", 'no-restricted-properties'],
  // Style that hides faults.
  [
    'server/posts/h.ts',
    'async function a(): Promise<void> {}\nexport function b(): void { a(); }',
    'no-floating-promises',
  ],
  ['server/posts/i.ts', 'export const b = (a: any) => a;', 'no-explicit-any'],
  ['server/posts/j.ts', "console.log('a');", 'no-console'],
  ['server/posts/k.ts', 'export default 1;', 'no-default-export'],
  ['server/posts/l.ts', "import { n } from './m.ts'; export const o = n;", 'no-cycle'],
  ['server/posts/o.ts', '// TODO later\nexport const b = 1;', 'no-warning-comments'],
  ['server/posts/upperCase.ts', 'export const b = 1;', 'filename-case'],
  ['test/b.test.ts', "import { vi } from 'vitest';\nvi.mock('../server/a.ts');", 'no-restricted-vi-methods'],
];

/** Files that keep every rule; the last line of defence against a rule that reports everything. */
const allowed: Readonly<Record<string, string>> = {
  'server/posts/m.ts': "import { o } from './l.ts'; export const n = o;",
  'server/posts/p.ts':
    "import type Koa from 'koa';\nimport { a } from '../networks/x.ts';\nimport { c } from '../errors.ts';\nexport const b = (app: Koa) => [app, a, c];",
  'server/mcp/p.ts':
    "import { McpServer } from '@modelcontextprotocol/server';\nimport { a } from '../oauth/bearer.ts';\nexport const b = [McpServer, a];",
  'server/http/p.ts':
    "import Koa from 'koa';\nimport { a } from '../oauth/connections.ts';\nimport { c } from '../../views/layout.ts';\nexport const b = [new Koa(), a, c];",
  'server/http/pages/p.ts':
    "import { a } from '../../oauth/connections.ts';\nimport { c } from '../../../views/layout.ts';\nimport { d } from '../render.ts';\nimport { e } from '../../posts/x.ts';\nimport { f } from '../../errors.ts';\nexport const b = [a, c, d, e, f];",
  'server/queues.ts': "import { Queue } from 'bullmq';\nexport const b = Queue;",
  'tools/p.ts':
    "import { z } from 'zod';\nimport { a } from '../server/mcp/define-tool.ts';\nimport { c } from '../server/posts/x.ts';\nexport const b = [z, a, c];",
  'workers/main.ts': "import { a } from '../server/context.ts';\nexport const b = a;",
  'vitest.config.ts': 'export default process.env.CI;',
  'test/p.ts':
    "import { a } from '../server/http/a.ts';\nexport const b = [a, process.env.CI, fetch('http://127.0.0.1')];",
};

describe('the lint rules bite', () => {
  let folder: string;
  let reported: readonly { filename: string; code: string }[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'grantcast-lint-'));
    await cp(path.join(root, '.oxlintrc.json'), path.join(folder, '.oxlintrc.json'));
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2024',
      strict: true,
      noEmit: true,
      types: [],
      allowImportingTsExtensions: true,
    };
    await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
    const texts = new Map<string, string>(Object.entries(allowed));
    for (const [place, text] of violations)
      texts.set(place, [texts.get(place), text].filter(Boolean).join('\n'));
    for (const [place, text] of texts) {
      const file = path.join(folder, place);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, `${text}\n`);
    }
    reported = await lint(folder);
  }, 60_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(violations)('%s: %s is reported by %s', (place, _text, rule) => {
    const codes = reported.filter(({ filename }) => filename === place).map(({ code }) => code);
    expect(
      codes.some((code) => code.includes(`(${rule})`)),
      `${place}: ${codes.join(', ')}`,
    ).toBe(true);
  });

  test.each(Object.keys(allowed).filter((place) => place !== 'server/posts/m.ts'))('%s is clean', (place) => {
    expect(reported.filter(({ filename }) => filename === place)).toEqual([]);
  });
});

async function lint(folder: string): Promise<{ filename: string; code: string }[]> {
  const program = path.join(root, 'node_modules/.bin/oxlint');
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      program,
      ['--type-aware', '--format', 'json'],
      { cwd: folder, maxBuffer: 1 << 24 },
      (error, stdout, stderr) => {
        // Exit code 1 means that something was reported, which is what is wanted here.
        if (error && error.code !== 1) reject(new Error(`${stdout}\n${stderr}`, { cause: error }));
        else resolve(stdout);
      },
    );
  });
  return (JSON.parse(output) as { diagnostics: { filename: string; code: string }[] }).diagnostics;
}
