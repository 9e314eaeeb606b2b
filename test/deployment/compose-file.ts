import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { parse } from 'yaml';
import { z } from 'zod';

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string().optional(),
      build: z.string().optional(),
      command: z.array(z.string()).optional(),
      env_file: z.array(z.object({ path: z.literal('.env'), required: z.literal(false) })).optional(),
      environment: z.record(z.string(), z.string()).optional(),
      profiles: z.array(z.string()).optional(),
      ports: z.array(z.string()).optional(),
    }),
  ),
  volumes: z.record(z.string(), z.null()),
});

export type ComposeFile = z.infer<typeof composeSchema>;

/**
 * docker-compose.yml with merge keys resolved and variables filled in, as Docker does it; the environment of a service that
 * names .env has what stands there, under what the file itself sets.
 * @param variables what .env holds
 * @throws Error for `${NAME:?message}` without a value, with the message
 */
export async function readComposeFile(root: string, variables: Record<string, string>): Promise<ComposeFile> {
  const text = await readFile(path.join(root, 'docker-compose.yml'), 'utf8');
  // As in Docker, what is filled in is text: it cannot change the structure, nor the type of a value.
  const fill = (_key: unknown, value: unknown) =>
    typeof value === 'string' ? fillIn(value, variables) : value;
  const file = composeSchema.parse(parse(text, fill, { merge: true }));
  for (const service of Object.values(file.services)) {
    if (service.env_file) service.environment = { ...variables, ...service.environment };
  }
  return file;
}

/** `${NAME:-default}` and `${NAME:?message}`: the only two forms that the file uses. */
export function findVariables(text: string): string[] {
  return [...text.matchAll(/\$\{(\w+)/g)].map((match) => match[1]!);
}

function fillIn(text: string, variables: Record<string, string>): string {
  return text.replaceAll(/\$\{(\w+):([-?])([^}]*)\}/g, (_match, name: string, sign: string, rest: string) => {
    const value = variables[name];
    if (value) return value;
    if (sign === '?') throw new Error(rest);
    return rest;
  });
}
