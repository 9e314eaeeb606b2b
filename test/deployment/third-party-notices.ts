import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

const lockfileSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
    }),
  ),
});

interface Package {
  name: string;
  version: string;
  licence: string;
  /** What the package ships as its licence and notices; empty when it ships none. */
  texts: readonly string[];
}

const header = `# Third-party notices

Grantcast runs on the packages below; \`npm ci --omit=dev\` installs them. Each is under its own licence.
The list is made from package-lock.json by \`node test/deployment/write-third-party-notices.ts\`, and a test compares it.
A package marked * is installed on some platforms only; its licence text lies in the package itself.

The font Inter, which branded cards are set in, is under the SIL Open Font License 1.1: server/media/fonts/OFL.txt.
`;

/** The whole of THIRD_PARTY_NOTICES.md. The same on every machine: what is installed on some platforms only is listed from the lockfile. */
export async function renderThirdPartyNotices(root: string): Promise<string> {
  const lockfile = lockfileSchema.parse(
    JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8')),
  );
  const packages = new Map<string, Package>();
  for (const [place, entry] of Object.entries(lockfile.packages)) {
    if (!place || entry.dev || !entry.version) continue;
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const texts = entry.optional ? [] : await readLicenceTexts(path.join(root, place));
    packages.set(`${name}@${entry.version}`, {
      name: entry.optional ? `${name} *` : name,
      version: entry.version,
      licence: entry.license ?? 'see its text',
      texts,
    });
  }
  const sorted = [...packages.values()].toSorted((a, b) =>
    `${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1,
  );
  const numbers = new Map<string, number>();
  for (const text of sorted.flatMap(({ texts }) => texts)) {
    if (!numbers.has(text)) numbers.set(text, numbers.size + 1);
  }
  const rows = sorted.map(({ name, version, licence, texts }) => {
    const places = texts.map((text) => `[${numbers.get(text)}](#text-${numbers.get(text)})`).join(', ');
    return `| ${name} | ${version} | ${licence} | ${places || '-'} |`;
  });
  const texts = [...numbers].map(([text, number]) => `### Text ${number}\n\n\`\`\`text\n${text}\n\`\`\``);
  return [
    header,
    '| package | version | licence | text |\n|---|---|---|---|',
    ...rows,
    '',
    '## Texts',
    '',
    texts.join('\n\n'),
    '',
  ].join('\n');
}

async function readLicenceTexts(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  const chosen = names
    .filter((name) => /^(licen[cs]e|copying|notice)/i.test(name) && !/\.(js|ts|json)$/.test(name))
    .toSorted();
  const texts: string[] = [];
  for (const name of chosen) {
    const text = await readFile(path.join(folder, name), 'utf8').catch(() => '');
    const tidy = text
      .replaceAll('\r\n', '\n')
      .replaceAll('```', "'''")
      .replaceAll(/[ \t]+$/gm, '')
      .trim();
    if (tidy && !texts.includes(tidy)) texts.push(tidy);
  }
  return texts;
}
