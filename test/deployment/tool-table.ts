import { readFile } from 'node:fs/promises';

import { format, resolveConfig } from 'prettier';

import type { Tool } from '../../server/mcp/define-tool.ts';
import { PRESETS, type PresetId } from '../../server/scopes.ts';
import { ENGLISH } from '../../views/words/english.ts';

const BEGIN = '<!-- tools: written by test/deployment/write-tool-table.ts -->';
const END = '<!-- end of tools -->';

/** README with its tool table made anew from the catalogue, formatted as everything here. */
export async function putToolTable(readmePath: string, tools: readonly Tool[]): Promise<string> {
  const readme = await readFile(readmePath, 'utf8');
  const [before, rest] = split(readme, BEGIN);
  const [, after] = split(rest, END);
  const table = `${BEGIN}\n\n${renderToolTable(tools)}\n\n${END}`;
  const options = { ...(await resolveConfig(readmePath)), filepath: readmePath };
  return format(`${before}${table}${after}`, options);
}

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  if (at === -1) throw new Error(`README.md has no line ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

function renderToolTable(tools: readonly Tool[]): string {
  const presets = PRESETS.map(({ id, scopes }) => {
    const count = tools.filter(({ scope }) => scopes.includes(scope)).length;
    return `“${nameOf(id)}” shows ${count}`;
  });
  const rows = tools.map(({ name, scope, listing }) => [
    `\`${name}\``,
    firstSentence(listing.description),
    `\`${scope}\``,
  ]);
  return [
    `${tools.length} tools; of the presets on the consent page ${presets.slice(0, -1).join(', ')} and ${presets.at(-1)}.`,
    '',
    toRow(['tool', 'what it does', 'scope']),
    toRow(['---', '---', '---']),
    ...rows.map(toRow),
  ].join('\n');
}

const toRow = (cells: string[]) => `| ${cells.join(' | ')} |`;

const firstSentence = (description: string) => description.split(/(?<=\.)\s/)[0]!.replace(/\.$/, '');

const nameOf = (id: PresetId) => ENGLISH.presets[id];
