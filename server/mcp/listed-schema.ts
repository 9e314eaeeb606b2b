import { z } from 'zod';

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
      trim(jsonSchema);
      if (io === 'output') trimOutput(jsonSchema);
      if (io === 'output' && path.length > 0) delete jsonSchema.required;
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

/** A pattern helps nobody who writes an id or a date: the description says where it comes from, the format what it is. */
function trim(schema: JsonSchema): void {
  delete schema.pattern;
  if (schema.minLength === 1) delete schema.minLength;
  if (schema.minItems === 1) delete schema.minItems;
}

const MOST_WORDS = 5;

/** What an answer looks like, without the rules that only an input needs; a long list of words stands in an input. */
function trimOutput(schema: JsonSchema): void {
  if ((schema.enum?.length ?? 0) > MOST_WORDS) delete schema.enum;
  delete schema.minimum;
  delete schema.maximum;
  delete schema.description;
  delete schema.propertyNames;
  delete schema.additionalProperties;
}
