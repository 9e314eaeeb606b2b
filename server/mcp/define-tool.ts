import type { z } from 'zod';

import type { ConnectionCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Scope } from '../scopes.ts';
import { toListedSchema } from './listed-schema.ts';

/** All four, spelled out: what a client assumes for a missing one differs. */
export interface ToolAnnotations {
  readOnlyHint: boolean;
  destructiveHint: boolean;
  idempotentHint: boolean;
  openWorldHint: boolean;
}

export interface ToolCall<Input> {
  ctx: Context;
  caller: ConnectionCaller;
  input: Input;
}

interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  /** snake_case, verb and noun. */
  name: string;
  title: string;
  /** Two or three sentences: what it does, when to use it or not, what comes next. */
  description: string;
  scope: Scope;
  annotations: ToolAnnotations;
  input: Input;
  output: Output;
  run: (call: ToolCall<z.output<Input>>) => Promise<z.output<Output>>;
  /** What a client that reads text only is told; the output as compact JSON when absent. */
  toText?: (output: z.output<Output>) => string;
}

type JsonObject = Record<string, unknown>;

/** A tool as the catalogue holds it, whatever its input and output are. */
export interface Tool {
  name: string;
  scope: Scope;
  annotations: ToolAnnotations;
  input: z.ZodObject;
  output: z.ZodObject;
  run: (call: ToolCall<JsonObject>) => Promise<JsonObject>;
  toText: (output: JsonObject) => string;
  /** Its entry in tools/list. */
  listing: {
    name: string;
    title: string;
    description: string;
    inputSchema: JsonObject;
    outputSchema: JsonObject;
    annotations: ToolAnnotations;
  };
}

/** Ties a run's types to its schemas; the catalogue then holds tools of every shape. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { name, title, description, scope, annotations, input, output } = definition;
  const toText = definition.toText ?? ((value: z.output<Output>) => JSON.stringify(value));
  return {
    name,
    scope,
    annotations,
    input,
    output,
    // The guard parses the input with this very schema before it calls.
    run: definition.run as unknown as Tool['run'],
    toText: toText as unknown as Tool['toText'],
    listing: {
      name,
      title,
      description,
      inputSchema: toListedSchema(input, 'input'),
      outputSchema: toListedSchema(output, 'output'),
      annotations,
    },
  };
}
