import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import type { Middleware } from 'koa';

const FOLDER = path.join(import.meta.dirname, '../../views/assets');
const PREFIX = '/assets/';
/** Files of packages that browsers get as they are, by their name in the address. */
const PACKAGE_FILES: Readonly<Record<string, string>> = {
  'fullcalendar.css': 'fullcalendar/skeleton.css',
  'fullcalendar.js': 'fullcalendar/all/global.js',
  'fullcalendar-theme.css': 'fullcalendar/themes/classic/theme.css',
  'fullcalendar-theme.js': 'fullcalendar/themes/classic/global.js',
  'idiomorph.js': 'idiomorph/dist/idiomorph.esm.js',
};
/** What every page needs comes as one file, in the order in which the parts build on each other. */
const SITE = { name: 'site.css', parts: ['tokens', 'base', 'shell', 'blocks', 'forms'] };
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * The files of views/assets and of PACKAGE_FILES, and SITE, read and compressed once. A browser keeps them and asks each time
 * whether they are still the same.
 */
export function createAssets(): Middleware {
  const assets = new Map([
    ...readdirSync(FOLDER).map(
      (name) => [name, toAsset(name, readFileSync(path.join(FOLDER, name)))] as const,
    ),
    ...Object.entries(PACKAGE_FILES).map(
      ([name, file]) => [name, toAsset(name, readFileSync(findPackageFile(file)))] as const,
    ),
    [SITE.name, toAsset(SITE.name, readSite())],
  ]);
  return async function serveAsset(ctx, next) {
    if (!ctx.path.startsWith(PREFIX) || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
    const asset = assets.get(ctx.path.slice(PREFIX.length));
    if (!asset) return next();
    ctx.status = 200;
    ctx.type = asset.type;
    ctx.etag = asset.etag;
    ctx.set('Cache-Control', 'public, no-cache');
    ctx.vary('Accept-Encoding');
    if (ctx.fresh) ctx.status = 304;
    else if (ctx.acceptsEncodings('gzip', 'identity') === 'gzip') {
      ctx.set('Content-Encoding', 'gzip');
      ctx.body = asset.compressed;
    } else ctx.body = asset.body;
  };
}

interface Asset {
  body: Buffer;
  compressed: Buffer;
  type: string;
  etag: string;
}

/** Not resolved as an import: packages need not export what browsers load. */
function findPackageFile(file: string): string {
  const [name = '', ...inside] = file.split('/');
  return path.join(findPackageJSON(name, import.meta.url)!, '..', ...inside);
}

function readSite(): Buffer {
  return Buffer.concat(SITE.parts.map((name) => readFileSync(path.join(FOLDER, `${name}.css`))));
}

function toAsset(name: string, body: Buffer): Asset {
  // Weak, because both encodings of it share the tag (RFC 9110 8.8.1).
  const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const type = TYPES[path.extname(name)] ?? 'application/octet-stream';
  return { body, compressed: gzipSync(body, { level: 9 }), type, etag };
}
