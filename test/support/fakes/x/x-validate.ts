// What a request holds, held against the schemas of x-schemas.ts.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';

import { readForm, type FakeRequest } from '../fake-server.ts';
import type { Operation } from './x-operations.ts';
import { invalidRequest } from './x-problems.ts';
import { ANSWERS, BODIES, QUERIES, type XOperation } from './x-schemas.ts';

const ajv = new Ajv({ allErrors: true, strict: true });
ajvFormats.default(ajv);
const compileAll = <Name extends string>(schemas: Record<Name, object>) =>
  Object.fromEntries(
    Object.entries<object>(schemas).map(([name, schema]) => [name, ajv.compile(schema)]),
  ) as Record<Name, ValidateFunction>;
const bodies = compileAll(BODIES);
const queries = compileAll(QUERIES);
const answers = compileAll(ANSWERS);

/** Parameters that are lists, joined by commas. */
const LISTS = new Set(['ids', 'expansions', 'exclude']);
const isList = (name: string) => LISTS.has(name) || name.endsWith('.fields');

export interface XRequest {
  query: Record<string, unknown>;
  body: Record<string, unknown>;
  /** The file of a form or of base64 in JSON. */
  bytes: Buffer<ArrayBuffer> | null;
}

/** @throws XRefusal 400 naming all that is wrong */
export async function readXRequest(operation: Operation, request: FakeRequest): Promise<XRequest> {
  const query = readQuery(request);
  check(queries[operation.query], query);
  const { body, bytes } = operation.body ? await readBody(operation, request) : readNoBody(request);
  if (operation.body) check(bodies[operation.body], body);
  return { query, body, bytes };
}

/** Holds the stand-in's own answers against the description too. */
export function assertAnswer(name: XOperation, body: unknown): void {
  const validate = answers[name];
  if (!validate(body)) throw new Error(`${name} answers otherwise: ${describe(validate.errors).join('; ')}`);
}

function readQuery({ query }: FakeRequest): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    if (values.length > 1) throw invalidRequest([`The query parameter [${name}] was given several times.`]);
    const value = values[0]!;
    if (isList(name)) read[name] = value.split(',');
    else if (name === 'max_results' && /^\d+$/.test(value)) read[name] = Number(value);
    else read[name] = value;
  }
  return read;
}

function readNoBody({ body }: FakeRequest): Omit<XRequest, 'query'> {
  if (body.length > 0) throw invalidRequest(['This takes no body.']);
  return { body: {}, bytes: null };
}

async function readBody(operation: Operation, request: FakeRequest): Promise<Omit<XRequest, 'query'>> {
  const type = request.headers.get('content-type') ?? '';
  if (type.startsWith('application/json') && operation.types?.includes('json')) return readJson(request);
  if (type.startsWith('multipart/form-data') && operation.types?.includes('multipart')) {
    return readMultipart(request);
  }
  throw invalidRequest([`The Content-Type ${type || '(none)'} is not taken.`]);
}

function readJson(request: FakeRequest): Omit<XRequest, 'query'> {
  let body: unknown;
  try {
    body = JSON.parse(request.body.toString());
  } catch {
    throw invalidRequest(['The body is no JSON.']);
  }
  if (typeof body !== 'object' || body === null) throw invalidRequest(['The body is no object.']);
  const media = 'media' in body && typeof body.media === 'string' ? body.media : null;
  if (media !== null && !/^[A-Za-z0-9+/]+={0,2}$/.test(media)) throw invalidRequest(['media is no base64.']);
  return {
    body: body as Record<string, unknown>,
    bytes: media === null ? null : Buffer.from(media, 'base64'),
  };
}

async function readMultipart(request: FakeRequest): Promise<Omit<XRequest, 'query'>> {
  const form = await readForm(request).catch(() => {
    throw invalidRequest(['The form cannot be read.']);
  });
  const body: Record<string, unknown> = {};
  let bytes: Buffer<ArrayBuffer> | null = null;
  for (const [name, value] of form) {
    if (name in body) throw invalidRequest([`${name} was given several times.`]);
    if (typeof value !== 'string') {
      bytes = Buffer.from(await value.arrayBuffer());
      body[name] = `${bytes.length} bytes`;
    } else body[name] = name === 'segment_index' && /^\d+$/.test(value) ? Number(value) : value;
  }
  if (bytes === null) throw invalidRequest(['media is no file.']);
  return { body, bytes };
}

function check(validate: ValidateFunction, value: unknown): void {
  if (!validate(value)) throw invalidRequest(describe(validate.errors));
}

function describe(errors: readonly ErrorObject[] | null | undefined): string[] {
  return (errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || '$'} ${message} ${JSON.stringify(params)}`,
  );
}
