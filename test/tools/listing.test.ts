import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, test } from 'vitest';

import { TOOL_NAMES } from '../../server/policy/tool-names.ts';
import { isScope, PRESETS } from '../../server/scopes.ts';
import { tools } from '../../tools/catalog.ts';

const SCHEMAS = path.join(import.meta.dirname, 'schemas');
test('names are verb_noun, unique, and scopes are known', () => {
  const names = tools.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, scope, listing } of tools) {
    expect(name).toMatch(/^[a-z]+(_[a-z]+)+$/);
    expect(isScope(scope)).toBe(true);
    expect(listing.title.length).toBeGreaterThan(3);
  }
});

test('a rule can name every tool', () => {
  expect(TOOL_NAMES).toEqual(tools.map(({ name }) => name));
});

test.each(tools.map((tool) => [tool.name, tool] as const))('%s keeps the rules of a tool', (_, tool) => {
  const { annotations, listing } = tool;
  expect(Object.keys(annotations).toSorted()).toEqual([
    'destructiveHint',
    'idempotentHint',
    'openWorldHint',
    'readOnlyHint',
  ]);
  expect(annotations.readOnlyHint).toBe(tool.scope.endsWith(':read'));
  const harmless = { destructiveHint: false, idempotentHint: true };
  expect(annotations).toMatchObject(annotations.readOnlyHint ? harmless : {});

  const sentences = listing.description.split(/(?<=\.)\s/);
  expect(sentences.length).toBeGreaterThanOrEqual(2);
  expect(sentences.length).toBeLessThanOrEqual(3);
  expect(listing.description.length).toBeLessThanOrEqual(260);

  const inputs = Object.keys(tool.input.shape);
  expect(inputs.length).toBeLessThanOrEqual(inputs.includes('client_ref') ? 8 : 7);
  for (const input of inputs) expect(input).toMatch(/^[a-z]+(_[a-z]+)*$/);
  expect(listing.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
  expect(listing.outputSchema).toMatchObject({ type: 'object' });
  const text = JSON.stringify(listing);
  expect(text).not.toContain('$ref');
  expect(text).not.toContain('"$schema"');
});

test('presets show from least to most, each what the one before does', () => {
  const counts = PRESETS.map(({ scopes }) => tools.filter(({ scope }) => scopes.includes(scope)).length);
  expect(counts).toEqual([12, 21, 24, 27]);
});

test('what clients are shown is what was agreed', async () => {
  await mkdir(SCHEMAS, { recursive: true });
  const committed = await readdir(SCHEMAS);
  expect(committed.filter((file) => !tools.some(({ name }) => `${name}.json` === file))).toEqual([]);
  for (const { name, listing } of tools) {
    const file = path.join(SCHEMAS, `${name}.json`);
    // A changed listing is written only on purpose: UPDATE_SCHEMAS=1 npx vitest run test/tools, then npm run format:write.
    if (process.env['UPDATE_SCHEMAS'] === '1') await writeFile(file, `${JSON.stringify(listing, null, 2)}\n`);
    const known: unknown = JSON.parse(await readFile(file, 'utf8').catch(() => 'null'));
    expect({ name, listing: known }).toEqual({ name, listing });
  }
});
