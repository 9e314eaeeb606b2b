import type { Context as KoaContext, Middleware } from 'koa';

import type { Context } from '../context.ts';
import { addressKey } from '../http/address-key.ts';

import { normaliseRegistration } from './client-metadata.ts';
import { hasUnstorableText, parseObject } from './json-object.ts';
import { openRateLimit } from './rate-limit.ts';
import { readBody, replaceBody } from './request-body.ts';

const MAX_BODY_BYTES = 16_384;
const HOUR_SECONDS = 3600;
/** Hosted clients register twice per connection, all from few addresses. */
const PER_ADDRESS_PER_HOUR = 100;
const PER_SERVER_PER_HOUR = 2000;

/** POST /register (RFC 7591) before the library sees it: limited, bounded and normalised. */
export function createRegistration(context: Context): Middleware {
  const perAddress = openRateLimit(context, 'register_address', {
    points: PER_ADDRESS_PER_HOUR,
    seconds: HOUR_SECONDS,
  });
  const perServer = openRateLimit(context, 'register_server', {
    points: PER_SERVER_PER_HOUR,
    seconds: HOUR_SECONDS,
  });

  async function register(ctx: KoaContext, next: () => Promise<unknown>): Promise<void> {
    const retryAfterSeconds = (await perAddress.count(addressKey(ctx.ip))) || (await perServer.count('all'));
    if (retryAfterSeconds) return refuseFor(ctx, retryAfterSeconds);
    const text = await readBody(ctx, MAX_BODY_BYTES);
    if (text === null) return refuse(ctx, 413, 'The registration is longer than 16 KiB.');
    const body = parseObject(text);
    if (body && hasUnstorableText(body)) {
      return refuse(ctx, 400, 'The registration has a character in it that is none.');
    }
    // What is no JSON object is the library's to refuse.
    replaceBody(ctx, body ? JSON.stringify(normaliseRegistration(body)) : text);
    await next();
  }

  return async function registerClient(ctx, next) {
    if (ctx.path !== '/register' || ctx.method !== 'POST') return next();
    await register(ctx, next);
    await noteOutcome(context, ctx);
  };
}

/** The library stores a client without knowing where it came from. */
async function noteOutcome(context: Context, ctx: KoaContext): Promise<void> {
  const { client_id: clientId, error, error_description: description } = (ctx.body ?? {}) as Answer;
  const from = { address: ctx.ip, userAgent: ctx.get('user-agent') };
  if (clientId === undefined) {
    const reason = [error, description].filter(Boolean).join(': ') || `HTTP ${ctx.status}`;
    context.clientEvents.record({ kind: 'registration_refused', ...from, reason });
    return;
  }
  await context.db.client.updateMany({ where: { id: clientId }, data: { address: ctx.ip } });
  context.clientEvents.record({ kind: 'registered', clientId, ...from });
}

interface Answer {
  client_id?: string;
  error?: string;
  error_description?: string;
}

function refuse(ctx: KoaContext, status: number, description: string): void {
  ctx.status = status;
  ctx.body = { error: 'invalid_client_metadata', error_description: description };
}

function refuseFor(ctx: KoaContext, retryAfterSeconds: number): void {
  ctx.status = 429;
  ctx.set('Retry-After', String(retryAfterSeconds));
  ctx.body = {
    error: 'temporarily_unavailable',
    error_description: `Too many registrations. Try again in ${retryAfterSeconds} seconds.`,
  };
}
