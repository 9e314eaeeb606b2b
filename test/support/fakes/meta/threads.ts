// A stand-in for graph.threads.com, from https://developers.facebook.com/documentation/threads (documented.json).
import { startFakeServer, type FakeAnswer, type FakeClock, type FakeServer } from '../fake-server.ts';
import { fetchPicture, newContainer, stateOf, type Container } from './containers.ts';
import {
  answerGraph,
  assertParameters,
  createFakeGraph,
  GraphRefusal,
  noSuchObject,
  pickFields,
  strayAnswer,
  type FakeGraph,
  type GraphCall,
} from './graph.ts';
import { countSince, insightsOf, publish, timestampOf, type MetaPost } from './posts.ts';

export interface FakeThreads extends FakeServer {
  graph: FakeGraph;
  containers: Map<string, Container>;
  posts: Map<string, MetaPost>;
  /** How long a container works on its pictures. */
  processingSeconds: number;
  quotaTotal: number;
  /** Whether debug_token answers: it does for testers of the app alone. */
  isTester: boolean;
}

const CREATE_PARAMETERS = [
  ...['media_type', 'text', 'image_url', 'video_url', 'is_carousel_item', 'children', 'reply_to_id'],
  ...[
    'reply_control',
    'allowlisted_country_codes',
    'alt_text',
    'link_attachment',
    'quote_post_id',
    'topic_tag',
  ],
];
const METRICS = ['views', 'likes', 'replies', 'reposts', 'quotes', 'shares'];
const MIME_TYPES = ['image/jpeg', 'image/png'];
const DAY_MS = 24 * 3600_000;

export async function startFakeThreads(): Promise<FakeThreads> {
  const graph = createFakeGraph({
    // A number that JSON.parse rounds, as the documentation prints it.
    shapeTokens: ({ accessToken, accountId }) => ({ access_token: accessToken, user_id: Number(accountId) }),
  });
  const containers = new Map<string, Container>();
  const posts = new Map<string, MetaPost>();

  const create = async (call: GraphCall, accountId: string, clock: FakeClock): Promise<FakeAnswer> => {
    const { parameters } = call;
    assertParameters(parameters, CREATE_PARAMETERS);
    const text = parameters.get('text') ?? '';
    const mediaType = parameters.get('media_type') ?? '';
    const replyTo = parameters.get('reply_to_id');
    const isCarouselItem = parameters.get('is_carousel_item') === 'true';
    const altText = parameters.get('alt_text') ?? '';
    if (!['TEXT', 'IMAGE', 'CAROUSEL'].includes(mediaType)) throw new GraphRefusal(100, '(#100) media_type');
    if (mediaType === 'TEXT' && text === '') throw new GraphRefusal(100, '(#100) text is required');
    if (lengthOf(text) > 500)
      throw new GraphRefusal(100, '(#100) Param text must be at most 500 characters long.');
    if (altText.length > 1000) throw new GraphRefusal(100, '(#100) alt_text is too long');
    if (replyTo !== null && !posts.has(replyTo)) throw noSuchObject('post', replyTo);
    if (replyTo !== null) graph.signIn(call, 'threads_manage_replies');
    const base = { id: graph.newId(), accountId, text, replyTo, isCarouselItem };
    const add = (pictures: Container['pictures'], error: string | null = null) => {
      const container = newContainer(
        { ...base, pictures },
        clock,
        mediaType === 'TEXT' ? 0 : fake.processingSeconds,
      );
      container.error = error;
      containers.set(container.id, container);
      return { status: 200, body: { id: container.id } };
    };
    if (mediaType === 'CAROUSEL')
      return add(picturesOf(parameters.get('children') ?? '', accountId, call.now));
    if (mediaType === 'TEXT') return add([]);
    // What cannot be fetched is told by the container, not by the call that makes it.
    const picture = await fetchPicture(parameters.get('image_url'), altText, MIME_TYPES);
    return typeof picture === 'string' ? add([], picture) : add([picture]);
  };

  const picturesOf = (children: string, accountId: string, now: Date): Container['pictures'] => {
    const ids = children.split(',').filter(Boolean);
    if (ids.length < 2 || ids.length > 20)
      throw new GraphRefusal(100, '(#100) A carousel takes 2 to 20 children');
    return ids.flatMap((id) => {
      const child = containers.get(id);
      const isFit =
        child?.accountId === accountId && child.isCarouselItem && stateOf(child, now) === 'FINISHED';
      if (!isFit) throw new GraphRefusal(100, `(#100) ${id} is no finished carousel item`);
      return child.pictures;
    });
  };

  const publishOne = ({ parameters, now }: GraphCall, accountId: string, clock: FakeClock): FakeAnswer => {
    assertParameters(parameters, ['creation_id']);
    const creationId = parameters.get('creation_id') ?? '';
    const container = containers.get(creationId);
    const isFit = container?.accountId === accountId && !container.isCarouselItem;
    if (!isFit || stateOf(container, now) !== 'FINISHED') {
      throw new GraphRefusal(24, 'The requested resource does not exist', {
        subcode: 4279009,
        userMessage: `The media with id ${creationId} cannot be found.`,
      });
    }
    const isReply = container.replyTo !== null;
    if (countSince(posts.values(), accountId, now, isReply) >= (isReply ? 1000 : fake.quotaTotal)) {
      throw new GraphRefusal(17, '(#17) User request limit reached');
    }
    const post = publish(container, graph.newId(), clock);
    posts.set(post.id, post);
    return { status: 200, body: { id: post.id } };
  };

  const show = (post: MetaPost) => {
    const { username } = graph.accounts.get(post.accountId)!;
    return {
      id: post.id,
      text: post.text,
      username,
      timestamp: timestampOf(post.publishedAt),
      permalink: `https://www.threads.com/@${username}/post/${post.shortcode}`,
      shortcode: post.shortcode,
      media_product_type: 'THREADS',
      replied_to: post.replyTo === null ? undefined : { id: post.replyTo },
    };
  };

  const list = (accountId: string, isReply: boolean, parameters: URLSearchParams): FakeAnswer => {
    const own = [...posts.values()].filter(
      (post) => post.accountId === accountId && (post.replyTo !== null) === isReply,
    );
    const limit = Number(parameters.get('limit') ?? 25);
    const data = own
      .toReversed()
      .slice(0, limit)
      .map((post) => pickFields(show(post), parameters));
    return { status: 200, body: { data } };
  };

  const showLimit = ({ parameters, now }: GraphCall, accountId: string): FakeAnswer => {
    const told = {
      id: undefined,
      quota_usage: countSince(posts.values(), accountId, now, false),
      config: { quota_total: fake.quotaTotal, quota_duration: 86_400 },
      reply_quota_usage: countSince(posts.values(), accountId, now, true),
      reply_config: { quota_total: 1000, quota_duration: 86_400 },
    };
    return { status: 200, body: { data: [pickFields(told, parameters)] } };
  };

  const showObject = (call: GraphCall, id: string): FakeAnswer => {
    const container = containers.get(id);
    const post = posts.get(id);
    if (!container && !post) throw noSuchObject('get', id);
    const shown = post
      ? show(post)
      : { id, status: stateOf(container!, call.now), error_message: container!.error ?? undefined };
    return { status: 200, body: pickFields(shown, call.parameters) };
  };

  const giveLongLived = ({ parameters, now }: GraphCall, isRefresh: boolean): FakeAnswer => {
    const token = parameters.get('access_token') ?? '';
    const wanted = isRefresh ? 'th_refresh_token' : 'th_exchange_token';
    if (parameters.get('grant_type') !== wanted) throw new GraphRefusal(100, '(#100) grant_type');
    const { account, scopes } = graph.signIn({ parameters, now, method: 'GET', path: [] }, 'threads_basic');
    const issuedAt = graph.issuedAt(token);
    if (isRefresh && (!issuedAt || now.getTime() - issuedAt.getTime() < DAY_MS)) {
      throw new GraphRefusal(100, '(#100) The token is not 24 hours old');
    }
    const grant = graph.oauth.tokens.find(token);
    if (typeof grant === 'string') throw new GraphRefusal(190, 'Invalid OAuth access token.');
    const given = graph.issueLongLived({ accountId: account.id, clientId: grant.clientId, scopes }, now);
    return {
      status: 200,
      body: { access_token: given.token, token_type: 'bearer', expires_in: given.expiresIn },
    };
  };

  const answer = async (call: GraphCall, clock: FakeClock): Promise<FakeAnswer | undefined> => {
    const { method, parameters } = call;
    const [first = '', edge] = call.path;
    if (method === 'GET' && first === 'access_token') return giveLongLived(call, false);
    if (method === 'GET' && first === 'refresh_access_token') return giveLongLived(call, true);
    const { account, scopes } = graph.signIn(call, 'threads_basic');
    if (method === 'GET' && first === 'debug_token') {
      if (!fake.isTester) throw new GraphRefusal(100, '(#100) The token is not of a tester of the app');
      return { status: 200, body: { data: { type: 'USER', is_valid: true, scopes, user_id: account.id } } };
    }
    const isOwn = first === 'me' || first === account.id;
    if (isOwn && edge === undefined && method === 'GET') {
      return { status: 200, body: pickFields({ ...account }, parameters) };
    }
    if (isOwn && method === 'POST' && edge === 'threads') {
      graph.signIn(call, 'threads_content_publish');
      return create(call, account.id, clock);
    }
    if (isOwn && method === 'POST' && edge === 'threads_publish') {
      graph.signIn(call, 'threads_content_publish');
      return publishOne(call, account.id, clock);
    }
    if (isOwn && method === 'GET' && edge === 'threads') return list(account.id, false, parameters);
    if (isOwn && method === 'GET' && edge === 'replies') {
      graph.signIn(call, 'threads_read_replies');
      return list(account.id, true, parameters);
    }
    if (isOwn && method === 'GET' && edge === 'threads_publishing_limit') {
      graph.signIn(call, 'threads_content_publish');
      if (parameters.get('fields')?.includes('reply_')) graph.signIn(call, 'threads_manage_replies');
      return showLimit(call, account.id);
    }
    if (isOwn && method === 'GET' && edge === 'threads_insights') {
      graph.signIn(call, 'threads_manage_insights');
      const total = { name: 'followers_count', period: 'day', total_value: { value: account.followers } };
      return { status: 200, body: { data: [total] } };
    }
    if (method === 'GET' && edge === 'insights') {
      graph.signIn(call, 'threads_manage_insights');
      const post = posts.get(first);
      if (!post) throw noSuchObject('get', first);
      const refuse = (metric: string) => new GraphRefusal(100, `(#100) metric ${metric}`);
      return { status: 200, body: insightsOf(post.numbers, parameters.get('metric'), METRICS, refuse) };
    }
    if (method === 'DELETE' && edge === undefined) {
      graph.signIn(call, 'threads_delete');
      if (posts.get(first)?.accountId !== account.id) throw noSuchObject('delete', first);
      posts.delete(first);
      return { status: 200, body: { success: true, deleted_id: first } };
    }
    return method === 'GET' && edge === undefined ? showObject(call, first) : undefined;
  };

  const server = await startFakeServer(
    (request, clock) =>
      graph.oauth.handle(request, clock) ??
      answerGraph(request, clock, /^v1\.0$/, (call) => answer(call, clock)).then(
        (answered) => answered ?? strayAnswer(fake, request),
      ),
  );
  const fake: FakeThreads = Object.assign(server, {
    graph,
    containers,
    posts,
    processingSeconds: 0,
    quotaTotal: 250,
    isTester: true,
  });
  return fake;
}

/** "Emojis are counted as the number of UTF-8 bytes." */
function lengthOf(text: string): number {
  return [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)].reduce(
    (sum, { segment }) =>
      sum + (/\p{Extended_Pictographic}/u.test(segment) ? Buffer.byteLength(segment) : [...segment].length),
    0,
  );
}
