// The operations of the stand-in: path, scopes and limits, by X's description and https://docs.x.com/x-api/fundamentals/rate-limits
// (checked 2026-11-21).
import type { BODIES, QUERIES, XOperation } from './x-schemas.ts';

export interface Operation {
  name: XOperation;
  method: 'GET' | 'POST' | 'DELETE';
  /** `{id}` stands for one. */
  path: RegExp;
  scopes: readonly string[];
  query: keyof typeof QUERIES;
  /** Absent: it takes none. */
  body?: keyof typeof BODIES;
  /** How a body may come. */
  types?: readonly ('json' | 'multipart')[];
  /** Calls of one account in 15 minutes. */
  limit: number;
  /** Application-only tokens may call it. */
  takesAppToken?: true;
}

const READ = ['tweet.read', 'users.read'];
const WRITE = [...READ, 'tweet.write'];
const MEDIA = ['media.write'];
const ID = String.raw`([^/]+)`;

export const OPERATIONS: readonly Operation[] = [
  operation('createPost', 'POST', '/2/tweets', WRITE, 100, { body: 'createPost', types: ['json'] }),
  operation('readPosts', 'GET', '/2/tweets', READ, 5000, { query: 'readPosts', takesAppToken: true }),
  operation('readPost', 'GET', `/2/tweets/${ID}`, READ, 900, { query: 'readPost', takesAppToken: true }),
  operation('deletePost', 'DELETE', `/2/tweets/${ID}`, WRITE, 50, {}),
  operation('listPosts', 'GET', `/2/users/${ID}/tweets`, READ, 900, {
    query: 'listPosts',
    takesAppToken: true,
  }),
  operation('readMe', 'GET', '/2/users/me', READ, 75, { query: 'readMe' }),
  operation('uploadMedia', 'POST', '/2/media/upload', MEDIA, 500, {
    body: 'uploadMedia',
    types: ['json', 'multipart'],
  }),
  operation('readUpload', 'GET', '/2/media/upload', MEDIA, 1000, { query: 'readUpload' }),
  operation('initializeUpload', 'POST', '/2/media/upload/initialize', MEDIA, 1875, {
    body: 'initializeUpload',
    types: ['json'],
  }),
  operation('appendUpload', 'POST', `/2/media/upload/${ID}/append`, MEDIA, 1875, {
    body: 'appendUpload',
    types: ['json', 'multipart'],
  }),
  operation('finalizeUpload', 'POST', `/2/media/upload/${ID}/finalize`, MEDIA, 1875, {}),
  operation('createMetadata', 'POST', '/2/media/metadata', MEDIA, 500, {
    body: 'createMetadata',
    types: ['json'],
  }),
];

function operation(
  name: XOperation,
  method: Operation['method'],
  path: string,
  scopes: readonly string[],
  limit: number,
  rest: Partial<Operation>,
): Operation {
  return { name, method, path: new RegExp(`^${path}$`), scopes, query: 'none', limit, ...rest };
}
