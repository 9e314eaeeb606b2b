// What the stand-ins for Meta's Graph APIs share: versions, tokens, permissions and error bodies, as described at
// https://developers.facebook.com/docs/graph-api/guides/error-handling. The examples that it is held to: documented.json.
import { createFakeOauth, type FakeOauth, type FakeOauthRules } from '../fake-oauth.ts';
import type { FakeGrant } from '../fake-oauth-tokens.ts';
import {
  readForm,
  type FakeAnswer,
  type FakeClock,
  type FakeRequest,
  type FakeServer,
} from '../fake-server.ts';

export interface GraphAccount {
  id: string;
  username: string;
  followers: number;
}

/** What a call came with: the path below the version, and its parameters from address and body together. */
export interface GraphCall {
  method: string;
  /** Without the version. */
  path: string[];
  parameters: URLSearchParams;
  now: Date;
}

export interface SignedIn {
  account: GraphAccount;
  token: string;
  scopes: readonly string[];
}

export class GraphRefusal extends Error {
  readonly answer: FakeAnswer;

  constructor(
    code: number,
    message: string,
    more: {
      subcode?: number;
      type?: string;
      status?: number;
      userMessage?: string;
      headers?: Record<string, string>;
    } = {},
  ) {
    super(message);
    const { subcode, type = 'OAuthException', status = 400, userMessage, headers } = more;
    this.answer = {
      status,
      ...(headers && { headers }),
      body: {
        error: {
          message,
          type,
          code,
          ...(subcode !== undefined && { error_subcode: subcode, is_transient: false }),
          ...(userMessage !== undefined && { error_user_title: 'Refused', error_user_msg: userMessage }),
          fbtrace_id: 'A6LJylpZRKw2xKLFsAP-cJh',
        },
      },
    };
  }
}

export interface FakeGraph {
  oauth: FakeOauth;
  accounts: Map<string, GraphAccount>;
  addAccount(username: string): GraphAccount;
  /** A long-lived token, as linking ends with. */
  issueLongLived(grant: FakeGrant, now: Date): { token: string; expiresIn: number };
  /** When it was given out. */
  issuedAt(token: string): Date | undefined;
  /** @throws GraphRefusal 190 for a token that is worth nothing, 10 for a permission that was not given */
  signIn(call: GraphCall, scope: string): SignedIn;
  newId(): string;
}

const LONG_LIVED_SECONDS = 5_183_944;

export function createFakeGraph(rules: Pick<FakeOauthRules, 'shapeTokens'>): FakeGraph {
  const oauth = createFakeOauth({
    authorizePath: '/oauth/authorize',
    tokenPath: '/oauth/access_token',
    pkce: 'unsupported',
    clientAuth: ['post'],
    accessLifetimeSeconds: 3600,
    codeLifetimeSeconds: 3600,
    refresh: 'none',
    scopeSeparator: ',',
    shapeError: (status, _error, description) => ({
      error_type: 'OAuthException',
      code: status,
      error_message: description,
    }),
    ...rules,
  });
  const accounts = new Map<string, GraphAccount>();
  const issued = new Map<string, Date>();
  let lastId = 17_841_400_000_000_000n;
  const newId = () => String((lastId += 7n));
  return {
    oauth,
    accounts,
    newId,
    addAccount(username) {
      const account = { id: newId(), username, followers: 12 };
      accounts.set(account.id, account);
      oauth.addAccount({ accountId: account.id, name: username });
      return account;
    },
    issueLongLived(grant, now) {
      const { accessToken } = oauth.tokens.issue(grant, LONG_LIVED_SECONDS);
      issued.set(accessToken, now);
      return { token: accessToken, expiresIn: LONG_LIVED_SECONDS };
    },
    issuedAt: (token) => issued.get(token),
    signIn({ parameters }, scope) {
      const token = parameters.get('access_token') ?? '';
      const grant = oauth.tokens.find(token);
      if (grant === 'expired') {
        throw new GraphRefusal(190, 'Error validating access token: Session has expired.', { subcode: 463 });
      }
      if (grant === 'revoked') {
        throw new GraphRefusal(
          190,
          'Error validating access token: The user has not authorized application.',
          {
            subcode: 458,
          },
        );
      }
      if (grant === 'unknown') throw new GraphRefusal(190, 'Invalid OAuth access token.');
      if (!grant.scopes.includes(scope)) {
        throw new GraphRefusal(10, '(#10) Application does not have permission for this action');
      }
      return { account: accounts.get(grant.accountId)!, token, scopes: grant.scopes };
    },
  };
}

/** @param answer undefined: no such route */
export async function answerGraph(
  request: FakeRequest,
  clock: FakeClock,
  version: RegExp,
  answer: (call: GraphCall) => FakeAnswer | Promise<FakeAnswer | undefined> | undefined,
): Promise<FakeAnswer | undefined> {
  const [first = '', ...rest] = request.path.split('/').filter(Boolean);
  const isVersioned = /^v\d/.test(first);
  if (isVersioned && !version.test(first)) {
    return new GraphRefusal(2635, 'You are calling a deprecated version of the API.').answer;
  }
  const parameters = new URLSearchParams(request.query);
  if (request.method === 'POST' && request.body.length > 0) {
    for (const [name, value] of await readForm(request)) {
      if (typeof value === 'string') parameters.append(name, value);
    }
  }
  const path = isVersioned ? rest : [first, ...rest];
  try {
    return await answer({ method: request.method, path, parameters, now: clock.now() });
  } catch (refusal) {
    if (refusal instanceof GraphRefusal) return refusal.answer;
    throw refusal;
  }
}

/** The parameters that the reference lists, and no others. */
export function assertParameters(parameters: URLSearchParams, known: readonly string[]): void {
  for (const name of parameters.keys()) {
    if (name !== 'access_token' && !known.includes(name)) {
      throw new GraphRefusal(100, `(#100) Param ${name} is not known`);
    }
  }
}

/** The asked fields of an object; id always. */
export function pickFields(object: Record<string, unknown>, parameters: URLSearchParams): object {
  const fields = (parameters.get('fields') ?? 'id').split(',');
  const picked: Record<string, unknown> = { id: object['id'] };
  for (const field of fields) {
    if (!(field in object))
      throw new GraphRefusal(100, `(#100) Tried accessing nonexisting field (${field})`);
    if (object[field] !== undefined) picked[field] = object[field];
  }
  return picked;
}

export function noSuchObject(method: string, id: string): GraphRefusal {
  return new GraphRefusal(
    100,
    `Unsupported ${method.toLowerCase()} request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation.`,
    { subcode: 33, type: 'GraphMethodException' },
  );
}

/** A call that nothing here knows. */
export function strayAnswer(fake: FakeServer, { method, path }: FakeRequest): FakeAnswer {
  fake.strays.push(`${method} ${path}`);
  return new GraphRefusal(2500, 'Unknown path components', { status: 404 }).answer;
}
