// A stand-in for the X API v2 with its OAuth pages. What it takes and answers comes from X's description and guides (x-schemas.ts,
// x-operations.ts) and from answers that programs were seen to get (examples.json), never from our connector; X's own client
// drives it in test/networks/x-foreign-client.test.ts.
import { createFakeOauth, type FakeApp, type FakeOauth } from '../fake-oauth.ts';
import {
  startFakeServer,
  type FakeAnswer,
  type FakeClock,
  type FakeRequest,
  type FakeServer,
} from '../fake-server.ts';
import { keepXLimits, type FakeXLimits } from './x-limits.ts';
import { OPERATIONS, type Operation } from './x-operations.ts';
import { keepXPictures, type FakeXPictures } from './x-pictures.ts';
import {
  forbidden,
  missing,
  notFound,
  unauthorized,
  unauthorizedField,
  unsupportedAuthentication,
  XRefusal,
} from './x-problems.ts';
import { hasLink, keepXTimeline, type FakeXAccount, type FakeXTimeline } from './x-timeline.ts';
import { assertAnswer, readXRequest, type XRequest } from './x-validate.ts';
import { inOlderNames, viewAccount, viewPost } from './x-views.ts';

export const X_SCOPES = ['tweet.read', 'tweet.write', 'users.read', 'media.write', 'offline.access'];
const ACCESS_SECONDS = 7200;
const CODE_SECONDS = 30;
const MAX_STATE_LENGTH = 500;
/** Of ids: milliseconds since this, shifted by 22. */
const SNOWFLAKE_EPOCH = 1_288_834_974_657;
const NON_PUBLIC_DAYS = 30;

export interface FakeX extends FakeServer {
  oauth: FakeOauth;
  timeline: FakeXTimeline;
  pictures: FakeXPictures;
  limits: FakeXLimits;
  accounts: Map<string, FakeXAccount>;
  addAccount(account?: Partial<FakeXAccount>): FakeXAccount;
  registerApp(redirectUris: readonly string[], clientSecret?: string | null): FakeApp;
  /** What its app got without anybody. */
  appToken: string;
  /** Answers in the names before August 2026; queries keep those of the description. */
  speakOlder(): void;
}

interface Caller {
  account: FakeXAccount;
  isApp: boolean;
}

export async function startFakeX(): Promise<FakeX> {
  const accounts = new Map<string, FakeXAccount>();
  const oauth = createFakeOauth({
    authorizePath: '/i/oauth2/authorize',
    tokenPath: '/2/oauth2/token',
    revokePath: '/2/oauth2/revoke',
    pkce: 'required',
    clientAuth: ['basic', 'public'],
    codeLifetimeSeconds: CODE_SECONDS,
    accessLifetimeSeconds: ACCESS_SECONDS,
    refresh: 'rotating',
    shapeTokens: ({ accessToken, refreshToken, scopes }) => ({
      token_type: 'bearer',
      expires_in: ACCESS_SECONDS,
      access_token: accessToken,
      scope: scopes.join(' '),
      ...(scopes.includes('offline.access') && { refresh_token: refreshToken }),
    }),
    shapeError: (status, error) =>
      status === 401
        ? { error: 'unauthorized_client', error_description: 'Missing valid authorization header' }
        : error === 'invalid_grant'
          ? { error: 'invalid_request', error_description: 'Value passed for the token was invalid.' }
          : { error, error_description: 'The request is not valid.' },
  });
  const appToken = 'AAAAAAAAAAAAAAAAAAAAAapp-only';
  let isOlder = false;
  let clock: FakeClock = { now: () => new Date(), moveBy: () => undefined };
  let sequence = 0n;
  const newId = () => {
    sequence += 1n;
    return String((BigInt(clock.now().getTime() - SNOWFLAKE_EPOCH) << 22n) | (sequence & 0x3fffffn));
  };
  const limits = keepXLimits();
  const pictures = keepXPictures(() => clock, newId);
  const timeline = keepXTimeline(() => clock, newId, pictures, accounts);

  const identify = (operation: Operation, { headers }: FakeRequest): Caller => {
    const token = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1];
    if (token === appToken) {
      if (!operation.takesAppToken) throw unsupportedAuthentication();
      return {
        account: { id: 'app', username: 'app', subscription: 'None', isLocked: false, followers: 0 },
        isApp: true,
      };
    }
    const grant = oauth.tokens.find(token ?? '');
    if (typeof grant === 'string') throw unauthorized();
    if (operation.scopes.some((scope) => !grant.scopes.includes(scope))) throw forbidden();
    return { account: accounts.get(grant.accountId)!, isApp: false };
  };

  const view = (id: string, fields: readonly string[]) => {
    const post = timeline.find(id);
    return post && viewPost(post, accounts.get(post.authorId)!.username, fields);
  };
  /** Fields that only the author may see, for 30 days. */
  const refuseFields = (id: string, fields: readonly string[], { account, isApp }: Caller) => {
    const post = timeline.find(id)!;
    const ageDays = (clock.now().getTime() - post.createdAt.getTime()) / 86_400_000;
    const mayRead = !isApp && post.authorId === account.id && ageDays <= NON_PUBLIC_DAYS;
    const asked = fields.filter((field) => /^(non_public|organic|promoted)_metrics$/.test(field));
    return mayRead ? [] : asked.map((field) => unauthorizedField(id, field));
  };

  const perform = (
    operation: Operation,
    id: string,
    { query, body, bytes }: XRequest,
    caller: Caller,
  ): unknown => {
    const { account } = caller;
    const fields = (query['post.fields'] as string[] | undefined) ?? [];
    switch (operation.name) {
      case 'createPost': {
        const { id: created } = timeline.create(account, body, (text) =>
          limits.charge(hasLink(text) ? 'createLinkPost' : 'createPlainPost'),
        );
        const { text } = view(created, [])!;
        return { data: { id: created, text, edit_history_post_ids: [created] } };
      }
      case 'deletePost':
        limits.charge('deletePost');
        timeline.remove(account, id);
        return { data: { deleted: true } };
      case 'readPosts': {
        const ids = query['ids'] as string[];
        const found = ids.filter((asked) => timeline.find(asked));
        limits.charge('readPosts', found.length);
        const errors = [
          ...ids.filter((asked) => !found.includes(asked)).map((asked) => missing('tweet', asked)),
          ...found.flatMap((asked) => refuseFields(asked, fields, caller)),
        ];
        const data = found.map((asked) => view(asked, fields)!);
        return { ...(data.length > 0 && { data }), ...(errors.length > 0 && { errors }) };
      }
      case 'readPost': {
        const data = view(id, fields);
        if (!data) throw notFound('tweet', id);
        limits.charge('readPost', 1);
        return { data };
      }
      case 'listPosts': {
        const page = listPage(timeline.listOf(id), query);
        limits.charge('listPosts', page.posts.length);
        const data = page.posts.map((post) => view(post.id, fields)!);
        const meta = { result_count: data.length, ...(page.next && { next_token: page.next }) };
        return { ...(data.length > 0 && { data }), meta };
      }
      case 'readMe':
        limits.charge('readMe', 2);
        return {
          data: viewAccount(
            account,
            timeline.listOf(account.id).length,
            (query['user.fields'] as string[] | undefined) ?? [],
          ),
        };
      case 'uploadMedia':
        return { data: pictures.upload(account.id, body, bytes!) };
      case 'initializeUpload':
        return { data: pictures.initialize(account.id, body) };
      case 'appendUpload':
        return { data: pictures.append(account.id, id, body, bytes!) };
      case 'finalizeUpload':
        return { data: pictures.finalize(account.id, id) };
      case 'readUpload':
        return { data: pictures.status(account.id, String(query['media_id'])) };
      case 'createMetadata':
        limits.charge('createMetadata');
        return { data: pictures.describe(account.id, body) };
    }
  };

  const answer = async (operation: Operation, id: string, request: FakeRequest): Promise<FakeAnswer> => {
    let headers: Record<string, string> = { date: clock.now().toUTCString() };
    try {
      const caller = identify(operation, request);
      headers = { ...headers, ...limits.count(operation, caller.account.id, clock) };
      const body = perform(operation, id, await readXRequest(operation, request), caller);
      assertAnswer(operation.name, body);
      return {
        status: operation.name === 'createPost' ? 201 : 200,
        headers,
        body: isOlder ? inOlderNames(body) : body,
      };
    } catch (error) {
      if (!(error instanceof XRefusal)) throw error;
      return { ...error.answer, headers: { ...headers, ...error.answer.headers } };
    }
  };

  const server = await startFakeServer((request, serverClock) => {
    clock = serverClock;
    const { method, path, query } = request;
    if (path === '/i/oauth2/authorize' && (query.get('state')?.length ?? 0) > MAX_STATE_LENGTH) {
      return { status: 400, body: 'The state is too long.' };
    }
    const operation = OPERATIONS.find(
      (candidate) => candidate.method === method && candidate.path.test(path),
    );
    if (operation) return answer(operation, operation.path.exec(path)![1] ?? '', request);
    return oauth.handle(request, serverClock);
  });

  return Object.assign(server, {
    oauth,
    timeline,
    pictures,
    limits,
    accounts,
    appToken,
    addAccount(given: Partial<FakeXAccount> = {}) {
      const id = given.id ?? newId();
      const account = {
        id,
        username: `harbour_${id.slice(-6)}`,
        subscription: 'None' as const,
        isLocked: false,
        followers: 0,
        ...given,
      };
      accounts.set(id, account);
      oauth.addAccount({ accountId: id, name: account.username });
      return account;
    },
    registerApp: (redirectUris: readonly string[], clientSecret?: string | null) =>
      oauth.registerApp({
        redirectUris,
        scopes: X_SCOPES,
        ...(clientSecret !== undefined && { clientSecret }),
      }),
    speakOlder: () => {
      isOlder = true;
    },
  });
}

/** Newest first, from `start_time` on; the token of the next page is how many came before it. */
function listPage<Post extends { createdAt: Date }>(
  posts: readonly Post[],
  { max_results: most, start_time: start, pagination_token: token }: Record<string, unknown>,
): { posts: Post[]; next?: string } {
  const since = typeof start === 'string' ? Date.parse(start) : 0;
  const asked = posts.filter(({ createdAt }) => createdAt.getTime() >= since).toReversed();
  const from = Number(token ?? 0);
  const length = Number(most ?? 10);
  const next = from + length < asked.length ? { next: String(from + length) } : {};
  return { posts: asked.slice(from, from + length), ...next };
}
