import { z } from 'zod';

import { MAX_REV } from './params.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * A zod schema as tools/list shows it: JSON Schema 2020-12, MCP's default dialect. A model reads every word of it at every
 * start, so what helps nobody to call is left out; the guard holds inputs, and the tests outputs, to the whole schema.
 */
export function toListedSchema(schema: z.ZodObject, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema, path }) => {
      foldNull(jsonSchema);
      if (io === 'input') trimInput(jsonSchema, path.length);
      else trimOutput(jsonSchema, path.length);
    },
  });
  return rest;
}

/** `{anyOf: [{type: X}, {type: null}]}` as `{type: [X, null]}`. */
function foldNull(schema: JsonSchema): void {
  const [value, nothing, ...more] = schema.anyOf ?? [];
  const isNullable = more.length === 0 && nothing?.type === 'null';
  if (!isNullable || typeof value !== 'object' || typeof value.type !== 'string') return;
  delete schema.anyOf;
  Object.assign(schema, value, { type: [value.type, 'null'] });
}

/**
 * A pattern helps nobody who writes an id or a date: the description says where it comes from, the format what it is. Who
 * writes too much is told how much is allowed.
 */
function trimInput(schema: JsonSchema, depth: number): void {
  delete schema.pattern;
  delete schema.minLength;
  delete schema.maxLength;
  delete schema.minItems;
  delete schema.maxItems;
  if (schema.minimum === 1) delete schema.minimum;
  if (schema.maximum === MAX_REV) delete schema.maximum;
  if (depth > 0) delete schema.additionalProperties;
}

/**
 * What an answer looks like: its members with their types, where they always have one, and the names of theirs. The answer
 * itself shows the rest, and nothing is refused for it.
 */
function trimOutput(schema: JsonSchema, depth: number): void {
  if (depth >= DEPTH_OF_INNER_MEMBERS) {
    for (const key of Object.keys(schema)) delete schema[key];
    return;
  }
  for (const key of Object.keys(schema)) if (!KEPT_IN_OUTPUT.has(key)) delete schema[key];
  if (Array.isArray(schema.type) && !schema.properties) delete schema.type;
}

const KEPT_IN_OUTPUT: ReadonlySet<string> = new Set(['type', 'properties', 'items', 'anyOf']);

/** As zod counts: `properties`, the member, `properties` or `items`, ... */
const DEPTH_OF_INNER_MEMBERS = 4;
