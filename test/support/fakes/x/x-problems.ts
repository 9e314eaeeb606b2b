// Refusals as X words them: https://docs.x.com/x-api/fundamentals/response-codes-and-errors (checked 2026-11-21) and what programs
// were seen to get (examples.json).
import type { FakeAnswer } from '../fake-server.ts';

export class XRefusal extends Error {
  readonly answer: FakeAnswer;

  constructor(answer: FakeAnswer) {
    super(JSON.stringify(answer.body));
    this.answer = answer;
  }
}

const PROBLEMS = 'https://api.x.com/2/problems';

const problem = (status: number, title: string, detail: string, rest: object = {}) =>
  new XRefusal({
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: { title, detail, type: 'about:blank', status, ...rest },
  });

export const unauthorized = () => problem(401, 'Unauthorized', 'Unauthorized');

export const forbidden = (detail = 'Forbidden') => problem(403, 'Forbidden', detail);

export const unsupportedAuthentication = () =>
  problem(
    403,
    'Unsupported Authentication',
    'Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.',
    {
      type: `${PROBLEMS}/unsupported-authentication`,
    },
  );

export const invalidRequest = (messages: readonly string[]) =>
  problem(400, 'Invalid Request', 'One or more parameters to your request was invalid.', {
    type: `${PROBLEMS}/invalid-request`,
    errors: messages.map((message) => ({ parameters: {}, message })),
  });

export const badMedia = () => problem(400, 'Bad Request', 'Your media IDs are invalid.');

export const tooLarge = () => problem(413, 'Request Entity Too Large', 'Request Entity Too Large');

export const notFound = (kind: 'tweet' | 'media', id: string) =>
  new XRefusal({
    status: 404,
    headers: { 'content-type': 'application/problem+json' },
    body: missing(kind, id),
  });

/** As it stands in `errors` of a partial answer too. */
export const missing = (kind: 'tweet' | 'media', id: string) => ({
  title: 'Not Found Error',
  detail: `Could not find ${kind} with id: [${id}].`,
  type: `${PROBLEMS}/resource-not-found`,
  resource_type: kind,
  resource_id: id,
  parameter: 'ids',
  value: id,
});

export const unauthorizedField = (id: string, field: string) => ({
  title: 'Field Authorization Error',
  detail: `Sorry, you are not authorized to access '${field}' on the Tweet with ids : [${id}].`,
  type: `${PROBLEMS}/not-authorized-for-field`,
  resource_type: 'tweet',
  resource_id: id,
  field,
  section: 'data',
  parameter: 'ids',
  value: id,
});

export const duplicateContent = () =>
  forbidden('You are not allowed to create a Tweet with duplicate content.');

export const notPermitted = () => forbidden('You are not permitted to perform this action.');

export const replyNotAllowed = () =>
  forbidden(
    'Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to.',
  );

/** Its body was never shown in public whole: status and length alone are known. */
export const creditsDepleted = () =>
  problem(
    402,
    'CreditsDepleted',
    'Your enrolled account does not have any credits to fulfill this request.',
    {
      type: `${PROBLEMS}/credits`,
    },
  );

export const usageCapped = () =>
  new XRefusal({
    status: 429,
    body: {
      account_id: '1',
      product_name: 'standard-basic',
      title: 'UsageCapExceeded',
      period: 'Monthly',
      scope: 'Product',
      detail: 'Usage cap exceeded: Monthly product cap',
      type: 'https://api.twitter.com/2/problems/usage-capped',
    },
  });

export const tooManyRequests = () => problem(429, 'Too Many Requests', 'Too Many Requests');
