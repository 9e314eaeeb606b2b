import { execFile } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { makeFolder } from './support/child-server.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** `npm run NAME` in a folder with this .env, with nothing else set. */
async function runScript(
  name: string,
  dotEnv: string | undefined,
  settings: Record<string, string> = {},
): Promise<string> {
  await using folder = await makeFolder();
  for (const part of ['server', 'workers', 'prisma', 'node_modules']) {
    await symlink(path.join(ROOT, part), path.join(folder.path, part));
  }
  if (dotEnv !== undefined) await writeFile(path.join(folder.path, '.env'), dotEnv);
  const bin = path.join(ROOT, 'node_modules/.bin');
  const env = { PATH: `${bin}:${process.env['PATH']}`, LOG_LEVEL: 'error', ...settings };
  const { stderr } = await promisify(execFile)('/bin/sh', ['-c', (await readScripts())[name]!], {
    cwd: folder.path,
    env,
  }).catch((error: { stderr: string }) => error);
  return stderr;
}

test.each(['start', 'workers', 'halt', 'migrate'])('npm run %s reads .env', async (name) => {
  expect(await runScript(name, 'PORT=harbour\n')).toContain('The setting PORT is not valid');
});

test('npm run dev reads .env as npm start does', async () => {
  const scripts = await readScripts();
  expect(scripts['dev']!.replace('NODE_ENV=development ', '').replace('--watch ', '')).toBe(scripts['start']);
});

test('what the environment says goes before .env, and an empty line there sets nothing', async () => {
  const problem = await runScript('start', 'PORT=harbour\nHOST=\n', { PORT: '70000' });
  expect(problem).toContain('PORT is not valid: it must be at most 65535');
});

test('without .env nothing is said of it', async () => {
  expect(await runScript('halt', undefined)).toMatch(/^There is no DATABASE_URL/);
});

test('a value in single quotes is read as it stands, as .env.example and README.md tell to write it', async () => {
  for (const document of ['.env.example', 'README.md']) {
    const lines = (await readFile(path.join(ROOT, document), 'utf8')).split('\n');
    expect(
      lines.filter((line) => /#`?, `?\$.*'single quotes'/.test(line)),
      document,
    ).toHaveLength(1);
  }
  await using folder = await makeFolder();
  await writeFile(
    path.join(folder.path, '.env'),
    `OWNER_PASSWORD='a#b$c long enough'\nOIDC_LABEL='the "staff" account'\n`,
  );
  const show = `console.log([process.env.OWNER_PASSWORD, process.env.OIDC_LABEL].join('\\n'))`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', path.join(ROOT, 'server/read-dot-env.ts'), '--eval', show],
    { cwd: folder.path, env: {} },
  );
  expect(stdout).toBe('a#b$c long enough\nthe "staff" account\n');
});

async function readScripts(): Promise<Record<string, string>> {
  const text = await readFile(path.join(ROOT, 'package.json'), 'utf8');
  return (JSON.parse(text) as { scripts: Record<string, string> }).scripts;
}
