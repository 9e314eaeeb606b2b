// Pages as far as publishing needs them, after Meta's documentation, whose examples lie in documented-facebook.json. What it
// refuses, it refuses with the codes of https://developers.facebook.com/docs/graph-api/guides/error-handling.
import { createHmac, randomBytes } from 'node:crypto';

import type { PostNumbers } from '../../../../server/networks/network.ts';
import { createFakeOauth, type FakeApp } from '../fake-oauth.ts';
import {
  readForm,
  startFakeServer,
  type FakeAnswer,
  type FakeRequest,
  type FakeServer,
} from '../fake-server.ts';
import { graphError, REFUSALS } from './graph-errors.ts';

export const FACEBOOK_VERSION = 'v25.0';
const MAX_PHOTO_BYTES = 4_000_000;
const MAX_MESSAGE_LENGTH = 63_206;
const FEED_PARAMETERS = /^(message|published|attached_media\[\d+\]|access_token|appsecret_proof)$/;
const PHOTO_PARAMETERS = /^(source|published|alt_text_custom|access_token|appsecret_proof)$/;
const UPDATE_PARAMETERS = /^(is_published|access_token|appsecret_proof)$/;

export interface FakePage {
  id: string;
  name: string;
  /** What its person may do there. */
  tasks: string[];
  token: string;
  isExpired: boolean;
  isRevoked: boolean;
}

export interface FakePagePost {
  id: string;
  pageId: string;
  message: string;
  photoIds: string[];
  isPublished: boolean;
  publishedAt: Date | null;
  numbers: Partial<PostNumbers>;
}

interface FakePhoto {
  pageId: string;
  altText: string;
  byteCount: number;
}

export interface FakeFacebook extends FakeServer {
  app: FakeApp;
  posts: Map<string, FakePagePost>;
  photos: Map<string, FakePhoto>;
  /** A Page of somebody who can sign in; its token is good at once. */
  addPage(personId: string, changes?: Partial<FakePage>): FakePage;
}

/** @param redirectUri the one that the app has registered */
export async function startFakeFacebook(redirectUri: string): Promise<FakeFacebook> {
  const pages = new Map<string, FakePage>();
  const personOf = new Map<string, string>();
  const posts = new Map<string, FakePagePost>();
  const photos = new Map<string, FakePhoto>();
  let ids = 122_000_000_000_000;
  const nextId = () => String((ids += 1));

  const oauth = createFakeOauth({
    authorizePath: `/${FACEBOOK_VERSION}/dialog/oauth`,
    tokenPath: `/${FACEBOOK_VERSION}/oauth/access_token`,
    pkce: 'unsupported',
    clientAuth: ['post'],
    scopeSeparator: ',',
    accessLifetimeSeconds: 3600,
    refresh: 'none',
    shapeError: (status) => graphError(status === 401 ? REFUSALS.badApp : REFUSALS.badCode).body,
  });
  const app = oauth.registerApp({
    redirectUris: [redirectUri],
    scopes: ['pages_show_list', 'pages_manage_posts', 'pages_read_engagement', 'read_insights'],
  });

  /** The exchange of a code is a GET here, and so is that of a short-lived token for a long-lived one. */
  const giveToken = async (request: FakeRequest): Promise<FakeAnswer> => {
    const form = new URLSearchParams(request.query);
    if (form.get('grant_type') === 'fb_exchange_token') {
      const grant = oauth.tokens.find(form.get('fb_exchange_token') ?? '');
      const isApp = form.get('client_id') === app.clientId && form.get('client_secret') === app.clientSecret;
      if (!isApp) return graphError(REFUSALS.badApp);
      if (typeof grant === 'string') return graphError(REFUSALS.expired);
      const { accessToken } = oauth.tokens.issue(grant, 60 * 86_400);
      return {
        status: 200,
        body: { access_token: accessToken, token_type: 'bearer', expires_in: 60 * 86_400 },
      };
    }
    form.set('grant_type', 'authorization_code');
    const headers = new Headers({ 'content-type': 'application/x-www-form-urlencoded' });
    const asPost = { ...request, method: 'POST', headers, body: Buffer.from(form.toString()) };
    return (await oauth.handle(asPost, fake.clock))!;
  };

  const answerPerson = (path: string, token: string): FakeAnswer => {
    const grant = oauth.tokens.find(token);
    if (typeof grant === 'string') return graphError(REFUSALS.expired);
    if (path === 'me/permissions') {
      const data = grant.scopes.map((permission) => ({
        permission,
        status: 'granted',
      }));
      return { status: 200, body: { data } };
    }
    const data = [...pages.values()]
      .filter(({ id }) => personOf.get(id) === grant.accountId)
      .map(({ id, name, tasks, token: access }) => ({ access_token: access, name, id, tasks }));
    return { status: 200, body: { data } };
  };

  const addPhoto = (page: FakePage, form: FormData): FakeAnswer => {
    const source = form.get('source');
    if (!(source instanceof Blob)) return graphError(REFUSALS.noPhoto);
    if (form.get('published') !== 'false') return graphError(REFUSALS.publishesPhoto);
    if (source.size > MAX_PHOTO_BYTES) return graphError(REFUSALS.largePhoto);
    const id = nextId();
    const altText = form.get('alt_text_custom');
    photos.set(id, {
      pageId: page.id,
      altText: typeof altText === 'string' ? altText : '',
      byteCount: source.size,
    });
    return { status: 200, body: { id } };
  };

  const addPost = (page: FakePage, form: FormData): FakeAnswer => {
    const message = textOf(form.get('message'));
    const photoIds: string[] = [];
    for (const [name, value] of form) {
      if (!name.startsWith('attached_media')) continue;
      const photoId = mediaIdOf(textOf(value));
      if (photos.get(photoId)?.pageId !== page.id) return graphError(REFUSALS.unknownPhoto);
      photoIds.push(photoId);
    }
    if (message === '' && photoIds.length === 0) return graphError(REFUSALS.empty);
    if (message.length > MAX_MESSAGE_LENGTH) return graphError(REFUSALS.tooLong);
    const id = `${page.id}_${nextId()}`;
    const post = {
      id,
      pageId: page.id,
      message,
      photoIds,
      isPublished: false,
      publishedAt: null,
      numbers: {},
    };
    if (form.get('published') !== 'false') {
      const refusal = publish(post);
      if (refusal) return refusal;
    }
    posts.set(id, post);
    return { status: 200, body: { id } };
  };

  const publish = (post: FakePagePost): FakeAnswer | null => {
    if (post.isPublished) return null;
    const last = [...posts.values()]
      .filter(({ pageId, isPublished }) => pageId === post.pageId && isPublished)
      .toSorted((a, b) => a.publishedAt!.getTime() - b.publishedAt!.getTime())
      .at(-1);
    if (last && last.message === post.message) return graphError(REFUSALS.duplicate);
    post.isPublished = true;
    post.publishedAt = fake.clock.now();
    return null;
  };

  const answerPost = async (request: FakeRequest, post: FakePagePost, rest: string): Promise<FakeAnswer> => {
    const { method, query } = request;
    if (method === 'DELETE' && rest === '') {
      posts.delete(post.id);
      return { status: 200, body: { success: true } };
    }
    if (method === 'POST' && rest === '') {
      const form = await readForm(request);
      if (hasUnknown(form, UPDATE_PARAMETERS)) return graphError(REFUSALS.unknownParameter);
      const refusal = form.get('is_published') === 'true' ? publish(post) : graphError(REFUSALS.empty);
      return refusal ?? { status: 200, body: { success: true } };
    }
    if (method === 'GET' && rest === 'insights') {
      const known: Record<string, number | null | undefined> = {
        post_media_view: post.numbers.views,
        post_clicks: post.numbers.clicks,
      };
      const metrics = (query.get('metric') ?? '').split(',');
      if (metrics.some((name) => !(name in known))) return graphError(REFUSALS.unknownMetric);
      const data = metrics.map((name) => ({
        name,
        period: 'lifetime',
        values: [{ value: known[name] ?? 0 }],
        id: `${post.id}/insights/${name}/lifetime`,
      }));
      return { status: 200, body: { data } };
    }
    if (method === 'GET' && rest === '')
      return { status: 200, body: fieldsOf(post, query.get('fields') ?? '') };
    return graphError(REFUSALS.unknownPath);
  };

  const answerPage = async (request: FakeRequest, page: FakePage, rest: string): Promise<FakeAnswer> => {
    if (request.method === 'GET' && rest === '') {
      return { status: 200, body: { followers_count: 321, id: page.id } };
    }
    if (request.method !== 'POST') return graphError(REFUSALS.unknownPath);
    if (!page.tasks.includes('CREATE_CONTENT')) return graphError(REFUSALS.noPermission);
    const form = await readForm(request);
    if (rest === 'photos') {
      return hasUnknown(form, PHOTO_PARAMETERS)
        ? graphError(REFUSALS.unknownParameter)
        : addPhoto(page, form);
    }
    if (rest === 'feed') {
      return hasUnknown(form, FEED_PARAMETERS) ? graphError(REFUSALS.unknownParameter) : addPost(page, form);
    }
    return graphError(REFUSALS.unknownPath);
  };

  const answerGraph = async (request: FakeRequest, path: string): Promise<FakeAnswer> => {
    const form = request.method === 'POST' ? await readForm(request) : request.query;
    const token = textOf(form.get('access_token'));
    const proof = createHmac('sha256', app.clientSecret!).update(token).digest('hex');
    if (form.get('appsecret_proof') !== proof) return graphError(REFUSALS.badProof);
    if (path.startsWith('me/')) return answerPerson(path, token);
    const page = [...pages.values()].find((each) => each.token === token);
    if (!page) return graphError(REFUSALS.malformed);
    if (page.isRevoked) return graphError(REFUSALS.revoked);
    if (page.isExpired) return graphError(REFUSALS.expired);
    const [id = '', rest = ''] = path.split('/');
    if (id === page.id) return answerPage(request, page, rest);
    const post = posts.get(id);
    return post?.pageId === page.id ? answerPost(request, post, rest) : graphError(REFUSALS.gone);
  };

  const server = await startFakeServer((request, clock) => {
    const { method, path } = request;
    if (path === `/${FACEBOOK_VERSION}/dialog/oauth`) return oauth.handle(request, clock);
    if (path === `/${FACEBOOK_VERSION}/oauth/access_token`) return giveToken(request);
    const below = path.match(/^\/v25\.0\/(me\/(?:accounts|permissions)|\d+(?:_\d+)?(?:\/\w+)?)$/)?.[1];
    if (!below || !['GET', 'POST', 'DELETE'].includes(method)) return undefined;
    return answerGraph(request, below);
  });
  const fake: FakeFacebook = Object.assign(server, {
    app,
    posts,
    photos,
    addPage: (personId: string, changes: Partial<FakePage> = {}) => {
      oauth.addAccount({ accountId: personId, name: personId });
      const page = {
        id: nextId(),
        name: 'A Page',
        tasks: ['ANALYZE', 'CREATE_CONTENT'],
        token: `EAA${randomBytes(24).toString('hex')}`,
        isExpired: false,
        isRevoked: false,
        ...changes,
      };
      pages.set(page.id, page);
      personOf.set(page.id, personId);
      return page;
    },
  });
  return fake;
}

function fieldsOf({ id, message, isPublished, numbers }: FakePagePost, fields: string) {
  const { likes, comments, shares } = numbers;
  const all: Record<string, unknown> = {
    message,
    is_published: isPublished,
    reactions: { data: [], summary: { total_count: likes ?? 0 } },
    comments: { data: [], summary: { total_count: comments ?? 0 } },
    shares: shares ? { count: shares } : undefined,
  };
  const asked = fields.split(/,(?![^()]*\))/).map((field) => field.replace(/\..*$/, ''));
  return { ...Object.fromEntries(asked.map((field) => [field, all[field]])), id };
}

const textOf = (value: FormDataEntryValue | null) => (typeof value === 'string' ? value : '');

const hasUnknown = (form: FormData, known: RegExp) => [...form.keys()].some((name) => !known.test(name));

function mediaIdOf(value: string): string {
  try {
    return String((JSON.parse(value) as { media_fbid?: unknown }).media_fbid);
  } catch {
    return '';
  }
}
