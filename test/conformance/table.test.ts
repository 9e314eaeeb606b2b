import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const text = await readFile(path.join(import.meta.dirname, 'README.md'), 'utf8');

interface Row {
  section: string;
  id: string;
  heldBy: string;
  tests: { file: string; title: string }[];
}

const rows: Row[] = text
  .split('\n## ')
  .slice(1)
  .flatMap((part) => {
    const [section = '', ...lines] = part.split('\n');
    const table = lines.filter((line) => line.startsWith('|')).slice(2);
    return table.map((line) => {
      const [id = '', , heldBy = ''] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      const tests = [...heldBy.matchAll(/`(test\/[^`]+)` “([^”]+)”/g)].map(([, file = '', title = '']) => ({
        file,
        title,
      }));
      return { section, id, heldBy, tests };
    });
  });

describe('the table of requirements', () => {
  it('has every row of the MCP pages', () => {
    const ids = new Set(rows.map(({ id }) => id));
    const wanted = [14, 15].flatMap((count, group) =>
      Array.from({ length: count }, (_, index) => `${'RA'[group]}${index + 1}`),
    );
    expect(wanted.filter((id) => !ids.has(id))).toEqual([]);
  });

  it.each(['6749', '7636', '7591', '8414', '8707', '9207', '9728', '7009'])('has RFC %s', (rfc) => {
    expect(rows.some(({ section }) => section.startsWith(`RFC ${rfc}`))).toBe(true);
  });

  it('has every row of ASVS 5 V10', () => {
    const counts = [2, 3, 5, 16, 5, 2, 3];
    const wanted = counts.flatMap((count, part) =>
      Array.from({ length: count }, (_, index) => `10.${part + 1}.${index + 1}`),
    );
    const ids = new Set(rows.map(({ id }) => id));
    expect(wanted.filter((id) => !ids.has(id))).toEqual([]);
  });

  it('gives each row a test or a reason', () => {
    const bare = rows.filter(({ tests, heldBy }) => tests.length === 0 && !/^Not .{20,}/.test(heldBy));
    expect(bare).toEqual([]);
  });

  it('names tests that exist', async () => {
    const missing: string[] = [];
    for (const { id, tests } of rows) {
      for (const { file, title } of tests) {
        const source = await readFile(path.join(root, file), 'utf8').catch(() => '');
        const isThere = [`'${title}'`, `"${title}"`, `\`${title}\``].some((quoted) =>
          source.includes(quoted),
        );
        if (!isThere) missing.push(`${id}: ${file} “${title}”`);
      }
    }
    expect(missing).toEqual([]);
  });
});
