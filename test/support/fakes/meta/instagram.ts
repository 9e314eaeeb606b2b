// A stand-in for graph.instagram.com with Instagram login, from
// https://developers.facebook.com/documentation/instagram-platform (documented.json).
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

export interface FakeInstagram extends FakeServer {
  graph: FakeGraph;
  containers: Map<string, Container>;
  posts: Map<string, MetaPost>;
  /** How long a container works on its pictures. */
  processingSeconds: number;
  quotaTotal: number;
}

const CREATE_PARAMETERS = [
  ...['image_url', 'video_url', 'media_type', 'caption', 'alt_text', 'is_carousel_item', 'children'],
  ...[
    'location_id',
    'user_tags',
    'product_tags',
    'collaborators',
    'share_to_feed',
    'cover_url',
    'audio_name',
  ],
];
const METRICS = ['views', 'reach', 'likes', 'comments', 'shares', 'saved', 'total_interactions'];
const DAY_MS = 24 * 3600_000;
const BASIC = 'instagram_business_basic';

export async function startFakeInstagram(): Promise<FakeInstagram> {
  const graph = createFakeGraph({
    shapeTokens: ({ accessToken, accountId, scopes }) => ({
      data: [{ access_token: accessToken, user_id: accountId, permissions: scopes.join(',') }],
    }),
  });
  const containers = new Map<string, Container>();
  const posts = new Map<string, MetaPost>();

  const create = async ({ parameters, now }: GraphCall, accountId: string, clock: FakeClock) => {
    assertParameters(parameters, CREATE_PARAMETERS);
    const caption = parameters.get('caption') ?? '';
    if ([...caption].length > 2200) {
      throw new GraphRefusal(36_004, 'The caption is too long', { subcode: 2207010 });
    }
    const isCarousel = parameters.get('media_type') === 'CAROUSEL';
    const isCarouselItem = parameters.get('is_carousel_item') === 'true';
    const pictures = isCarousel
      ? picturesOf(parameters.get('children') ?? '', accountId, now)
      : [await pictureOf(parameters)];
    const made = { id: graph.newId(), accountId, text: caption, replyTo: null, isCarouselItem, pictures };
    const container = newContainer(made, clock, fake.processingSeconds);
    containers.set(container.id, container);
    return { status: 200, body: { id: container.id } };
  };

  const pictureOf = async (parameters: URLSearchParams) => {
    const altText = parameters.get('alt_text') ?? '';
    if (!parameters.has('image_url'))
      throw new GraphRefusal(100, '(#100) The parameter image_url is required.');
    const picture = await fetchPicture(parameters.get('image_url'), altText, ['image/jpeg']);
    if (typeof picture !== 'string') return picture;
    if (picture === 'TOO_LARGE') {
      throw new GraphRefusal(36_000, 'The image size is too large.', {
        subcode: 2207004,
        userMessage: 'The image is too large to download. It should be less than 8 MiB.',
      });
    }
    if (picture === 'INVALID_FORMAT') {
      throw new GraphRefusal(36_001, 'The image format is not supported.', { subcode: 2207005 });
    }
    throw new GraphRefusal(9004, 'Only photo or video can be accepted as media type.', {
      subcode: 2207052,
      userMessage: 'The media could not be fetched from this uri',
    });
  };

  const picturesOf = (children: string, accountId: string, now: Date): Container['pictures'] => {
    const ids = children.split(',').filter(Boolean);
    if (ids.length < 2 || ids.length > 10) {
      throw new GraphRefusal(100, '(#100) A carousel takes 2 to 10 children', { subcode: 2207028 });
    }
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
    if (container?.accountId !== accountId || container.isCarouselItem) {
      throw new GraphRefusal(24, `The media builder with creation id = ${creationId} does not exist`, {
        subcode: 2207008,
      });
    }
    const state = stateOf(container, now);
    if (state === 'EXPIRED') throw new GraphRefusal(-2, 'The media has expired', { subcode: 2207020 });
    if (state !== 'FINISHED') {
      throw new GraphRefusal(9007, 'Media ID is not available', {
        subcode: 2207027,
        userMessage: 'The media is not ready for publishing, please wait for a moment',
      });
    }
    if (countSince(posts.values(), accountId, now, false) >= fake.quotaTotal) {
      throw new GraphRefusal(9, 'Application request limit reached', { subcode: 2207042 });
    }
    const post = publish(container, graph.newId(), clock);
    posts.set(post.id, post);
    return { status: 200, body: { id: post.id } };
  };

  const show = (post: MetaPost) => ({
    id: post.id,
    caption: post.text || undefined,
    timestamp: timestampOf(post.publishedAt),
    permalink: `https://www.instagram.com/p/${post.shortcode}/`,
    shortcode: post.shortcode,
    media_type: post.pictures.length > 1 ? 'CAROUSEL_ALBUM' : 'IMAGE',
  });

  const ofAccount = (accountId: string) => [...posts.values()].filter((post) => post.accountId === accountId);

  const showObject = (call: GraphCall, id: string): FakeAnswer => {
    const container = containers.get(id);
    const post = posts.get(id);
    if (!container && !post) throw noSuchObject('get', id);
    const state = container && stateOf(container, call.now);
    const shown = post ? show(post) : { id, status_code: state, status: `${state}: as it is` };
    return { status: 200, body: pickFields(shown, call.parameters) };
  };

  const giveLongLived = ({ parameters, now }: GraphCall, isRefresh: boolean): FakeAnswer => {
    const token = parameters.get('access_token') ?? '';
    const wanted = isRefresh ? 'ig_refresh_token' : 'ig_exchange_token';
    if (parameters.get('grant_type') !== wanted) throw new GraphRefusal(100, '(#100) grant_type');
    const { account, scopes } = graph.signIn({ parameters, now, method: 'GET', path: [] }, BASIC);
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
    const { method, parameters, now } = call;
    const [first = '', edge] = call.path;
    if (method === 'GET' && first === 'access_token') return giveLongLived(call, false);
    if (method === 'GET' && first === 'refresh_access_token') return giveLongLived(call, true);
    const { account } = graph.signIn(call, BASIC);
    const isOwn = first === 'me' || first === account.id;
    if (isOwn && edge === undefined && method === 'GET') {
      const posted = ofAccount(account.id).length;
      const me = { user_id: account.id, followers_count: account.followers, media_count: posted };
      return {
        status: 200,
        body: pickFields({ id: '8'.repeat(15), username: account.username, ...me }, parameters),
      };
    }
    if (isOwn && method === 'POST' && edge === 'media') {
      graph.signIn(call, 'instagram_business_content_publish');
      return create(call, account.id, clock);
    }
    if (isOwn && method === 'POST' && edge === 'media_publish') {
      graph.signIn(call, 'instagram_business_content_publish');
      return publishOne(call, account.id, clock);
    }
    if (isOwn && method === 'GET' && edge === 'media') {
      const newest = ofAccount(account.id)
        .toReversed()
        .slice(0, Number(parameters.get('limit') ?? 25));
      return { status: 200, body: { data: newest.map((post) => pickFields(show(post), parameters)) } };
    }
    if (isOwn && method === 'GET' && edge === 'content_publishing_limit') {
      const used = countSince(posts.values(), account.id, now, false);
      const config = { quota_total: fake.quotaTotal, quota_duration: 86_400 };
      return {
        status: 200,
        body: { data: [pickFields({ id: undefined, quota_usage: used, config }, parameters)] },
      };
    }
    if (method === 'GET' && edge === 'insights') {
      graph.signIn(call, 'instagram_business_manage_insights');
      const post = posts.get(first);
      if (post?.accountId !== account.id) throw noSuchObject('get', first);
      const refuse = (metric: string) => new GraphRefusal(100, `(#100) metric ${metric}`);
      return { status: 200, body: insightsOf(post.numbers, parameters.get('metric'), METRICS, refuse) };
    }
    return method === 'GET' && edge === undefined ? showObject(call, first) : undefined;
  };

  const server = await startFakeServer(
    (request, clock) =>
      graph.oauth.handle(request, clock) ??
      answerGraph(request, clock, /^v2[2-9]\.0$/, (call) => answer(call, clock)).then(
        (answered) => answered ?? strayAnswer(fake, request),
      ),
  );
  const fake: FakeInstagram = Object.assign(server, {
    graph,
    containers,
    posts,
    processingSeconds: 0,
    quotaTotal: 100,
  });
  return fake;
}
