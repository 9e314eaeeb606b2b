// Holds the hand-written schemas against X's own description: `node test/support/fakes/x/compare-description-process.ts openapi.json`,
// with a copy from https://api.x.com/2/openapi.json. Requests that one takes and the other refuses are printed.
import { readFileSync } from 'node:fs';

import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';

import { OPERATIONS, type Operation } from './x-operations.ts';
import { BODIES, QUERIES } from './x-schemas.ts';

interface Description {
  info: { version: string };
  components: Record<string, unknown>;
  paths: Record<string, Record<string, DescribedOperation>>;
}

interface DescribedOperation {
  parameters?: { $ref?: string; in?: string; name?: string; required?: boolean; schema?: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
  security?: Record<string, readonly string[]>[];
}

const ID = '1346889436626259968';
const VALUES: readonly unknown[] = [
  ID,
  'x'.repeat(1001),
  'none such',
  '',
  'tweet_image',
  'image/png',
  'STATUS',
  'following',
  '2026-11-21T10:00:00Z',
  0,
  5,
  100,
  101,
  1000,
  -1,
  1.5,
  true,
  null,
  [],
  [ID],
  [7],
  ['public_metrics'],
  ['none such'],
  ['public_metrics', 'public_metrics'],
  [ID, ID, ID, ID, ID],
  {},
  { media_ids: [ID] },
  { in_reply_to_tweet_id: ID },
  { in_reply_to_tweet_id: 'x' },
  { alt_text: { text: 'x'.repeat(1000) } },
  { alt_text: { text: 'x'.repeat(1001) } },
  { options: ['a', 'b'], duration_minutes: 5 },
  { previous_post_id: ID },
];

/** What must be there besides. */
const BASES: Readonly<Record<string, object>> = {
  'uploadMedia body': { media: 'eA==', media_category: 'tweet_image' },
  'appendUpload body': { media: 'eA==', segment_index: 0 },
  'createMetadata body': { id: ID },
  'readPosts query': { ids: [ID] },
  'readUpload query': { media_id: ID },
};

const file = process.argv[2];
if (!file) throw new Error('Name the file with the description.');
const description = JSON.parse(readFileSync(file, 'utf8')) as Description;
const theirs = new Ajv({ strict: false, validateFormats: true, allErrors: false });
const ours = new Ajv({ strict: false });
for (const ajv of [theirs, ours]) ajvFormats.default(ajv);
theirs.addSchema({ $id: 'x', ...description });

const failures: string[] = [];
let compared = 0;
for (const operation of OPERATIONS) compare(operation);
process.stdout.write(
  `${compared} inputs of ${OPERATIONS.length} operations against version ${description.info.version}: ${failures.length} judged otherwise\n${failures.join('\n')}\n`,
);
process.exitCode = failures.length > 0 ? 1 : 0;

function compare(operation: Operation): void {
  const described = findDescribed(operation);
  if (!described) {
    failures.push(`${operation.name} is not described`);
    return;
  }
  compareScopes(operation, described);
  const query = querySchema(described);
  judge(`${operation.name} query`, QUERIES[operation.query], query, Object.keys(query.properties));
  const content = described.requestBody?.content['application/json'];
  if (!operation.body || !content) {
    if (Boolean(operation.body) !== Boolean(content)) failures.push(`${operation.name}: body`);
    return;
  }
  judge(`${operation.name} body`, BODIES[operation.body], absolute(content.schema), namesIn(content.schema));
}

function findDescribed({ method, path }: Operation): DescribedOperation | undefined {
  const found = Object.entries(description.paths).find(
    ([template, methods]) =>
      method.toLowerCase() in methods &&
      path.source === new RegExp(`^${template.replaceAll(/\{\w+\}/g, '([^/]+)')}$`).source,
  );
  return found?.[1][method.toLowerCase()];
}

function compareScopes(operation: Operation, { security = [] }: DescribedOperation): void {
  const scopes = security.find((one) => 'OAuth2UserToken' in one)?.['OAuth2UserToken'] ?? [];
  if (scopes.toSorted().join() !== operation.scopes.toSorted().join())
    failures.push(`${operation.name}: scopes`);
  const isForApps = security.some((one) => 'BearerToken' in one);
  if (isForApps !== (operation.takesAppToken ?? false)) failures.push(`${operation.name}: app token`);
}

function querySchema({ parameters = [] }: DescribedOperation) {
  const resolved = parameters
    .map((parameter) => (parameter.$ref ? (resolve(parameter.$ref) as typeof parameter) : parameter))
    .filter((parameter) => parameter.in === 'query');
  return {
    type: 'object',
    properties: Object.fromEntries(resolved.map(({ name, schema }) => [name!, absolute(schema ?? {})])),
    required: resolved.filter(({ required }) => required).map(({ name }) => name!),
    additionalProperties: false,
  };
}

/** Each property with each value, and one that is not there. */
function judge(what: string, own: object, described: object, names: readonly string[]): void {
  const isOurs = ours.compile(own);
  const isTheirs = theirs.compile(described);
  const base = BASES[what];
  for (const name of [...names, 'none_such']) {
    for (const value of VALUES) {
      const input = { ...base, [name]: value };
      compared += 1;
      if (isOurs(input) !== isTheirs(input)) {
        failures.push(`${what} ${JSON.stringify(input).slice(0, 200)}: described ${isTheirs(input)}`);
      }
    }
  }
}

function namesIn(schema: object): string[] {
  const target = '$ref' in schema ? resolve(String(schema.$ref)) : schema;
  return Object.keys((target as { properties?: object }).properties ?? {});
}

function resolve(ref: string): unknown {
  return ref
    .replace('#/', '')
    .split('/')
    .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], description);
}

function absolute(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"x#/')) as object;
}
