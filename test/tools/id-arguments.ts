import { z } from 'zod';

import type { IdKind } from '../../server/ids.ts';
import { idPattern } from '../../server/ids.ts';
import type { Tool } from '../../server/mcp/define-tool.ts';
import { GOOD_INPUTS } from './good-inputs.ts';
import type { World } from './world.ts';

/** A place in a tool's input where an id goes. */
export interface IdArgument {
  tool: Tool;
  kind: KnownKind;
  /** Names of members; `*` is an item of an array. */
  path: readonly string[];
  /** The last member of the path is a list of ids. */
  isInList: boolean;
}

const KINDS = ['campaign', 'post', 'channel', 'media', 'connection'] as const satisfies IdKind[];
export type KnownKind = (typeof KINDS)[number];

/** Where ids go that a schema does not tell by a pattern, because something else may stand there too. */
const UNTYPED: readonly { name: string; kind: KnownKind; path: readonly string[] }[] = [
  { name: 'list_activity', kind: 'connection', path: ['client'] },
];

/** Every id that a tool takes, read from its schema, however deep. */
export function findIdArguments(tool: Tool): IdArgument[] {
  const typed = walk(z.toJSONSchema(tool.input, { io: 'input' }), []);
  const untyped = UNTYPED.filter(({ name }) => name === tool.name);
  return [...typed, ...untyped].map(({ kind, path }) => ({
    tool,
    kind,
    path,
    isInList: path.at(-1) === '*',
  }));
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

function walk(schema: JsonSchema | boolean, path: string[]): { kind: KnownKind; path: string[] }[] {
  if (typeof schema === 'boolean') return [];
  const kind = KINDS.find((known) => idPattern(known).source === schema.pattern);
  const { items, additionalProperties: rest } = schema;
  return [
    ...(kind ? [{ kind, path }] : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, member]) => walk(member, [...path, name])),
    ...(items && !Array.isArray(items) ? walk(items, [...path, '*']) : []),
    ...(rest ? walk(rest, [...path, '*']) : []),
    ...[schema.anyOf, schema.oneOf, schema.allOf].flatMap((choices) =>
      (choices ?? []).flatMap((choice) => walk(choice, path)),
    ),
  ];
}

/** The good inputs of a tool: most have one. */
export function goodInputsOf(tool: Pick<Tool, 'name'>, world: World): Record<string, unknown>[] {
  const inputs = GOOD_INPUTS[tool.name]?.(world);
  if (!inputs) throw new Error(`test/tools/good-inputs.ts has none for ${tool.name}`);
  return Array.isArray(inputs) ? inputs : [inputs];
}

/** Each good input that has this place, to be given other ids there: one, or in a list several. */
export function inputsTaking(
  { tool, path, isInList }: IdArgument,
  world: World,
): ((ids: readonly string[]) => Record<string, unknown>)[] {
  const inputs = goodInputsOf(tool, world).filter((candidate) => valueAt(candidate, path) !== undefined);
  if (inputs.length === 0)
    throw new Error(`a good input of ${tool.name} must give ${path.join('.')}, so that it is tried`);
  const members = isInList ? path.slice(0, -1) : path;
  return inputs.map((input) => (ids) => {
    const changed = structuredClone(input);
    const holder = valueAt(changed, members.slice(0, -1)) as Record<string, unknown>;
    holder[stepOf(members.at(-1)!)] = isInList ? [...ids] : ids[0];
    return changed;
  });
}

function valueAt(input: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (within, member) => (within as Record<string, unknown> | undefined)?.[stepOf(member)],
    input,
  );
}

const stepOf = (member: string) => (member === '*' ? '0' : member);
