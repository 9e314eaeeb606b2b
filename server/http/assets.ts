import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import type { Middleware } from 'koa';

const FOLDER = path.join(import.meta.dirname, '../../views/assets');
const PREFIX = '/assets/';
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The files of views/assets, read once. A browser keeps them and asks each time whether they are still the same. */
export function createAssets(): Middleware {
  const assets = new Map(readdirSync(FOLDER).map((name) => [name, readAsset(name)]));
  return async function serveAsset(ctx, next) {
    if (!ctx.path.startsWith(PREFIX) || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
    const asset = assets.get(ctx.path.slice(PREFIX.length));
    if (!asset) return next();
    ctx.status = 200;
    ctx.type = asset.type;
    ctx.etag = asset.etag;
    ctx.set('Cache-Control', 'public, no-cache');
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = asset.body;
  };
}

function readAsset(name: string): { body: Buffer; type: string; etag: string } {
  const body = readFileSync(path.join(FOLDER, name));
  const etag = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  return { body, type: TYPES[path.extname(name)] ?? 'application/octet-stream', etag };
}
