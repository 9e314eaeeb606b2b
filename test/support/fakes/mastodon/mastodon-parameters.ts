import { readForm, type FakeRequest } from '../fake-server.ts';
import type { MastodonState, Parameters } from './mastodon-state.ts';

/** As Rails reads them: query, form or JSON; `name[]` and JSON lists are lists. */
export async function readParameters(request: FakeRequest): Promise<Parameters> {
  const parameters: Parameters = {};
  for (const [name, value] of request.query) add(parameters, name, value);
  if (request.body.length === 0) return parameters;
  if (request.headers.get('content-type')?.startsWith('application/json')) {
    for (const [name, value] of Object.entries(JSON.parse(request.body.toString()) as object)) {
      parameters[name] = Array.isArray(value) ? value.map(String) : String(value);
    }
    return parameters;
  }
  for (const [name, value] of await readForm(request)) add(parameters, name, value);
  return parameters;
}

function add(parameters: Parameters, name: string, value: string | File): void {
  if (!name.endsWith('[]') || typeof value !== 'string') parameters[name] = value;
  else parameters[name.slice(0, -2)] = [...listOf(parameters[name.slice(0, -2)]), value];
}

export const listOf = (value: Parameters[string] | undefined): string[] =>
  Array.isArray(value) ? value : [];

export const textOf = (value: Parameters[string] | undefined): string =>
  typeof value === 'string' ? value : '';

/** What is not documented for a call would be passed over by the real server, and hide a mistake. */
export function complainAboutUnknown(
  state: MastodonState,
  { method, path }: FakeRequest,
  parameters: Parameters,
  known: readonly string[],
): void {
  for (const name of Object.keys(parameters)) {
    if (!known.includes(name)) state.complain(`${method} ${path}: ${name} is not documented`);
  }
}
