import { bodyParser } from '@koa/bodyparser';
import type { Context as KoaContext, Middleware } from 'koa';

/** Where the words of a whole post are sent, each letter as up to nine bytes. */
const WRITING = /^\/posts\/(?:new|[^/]+\/edit)(?:\/check)?$/;

/**
 * Reads forms and nothing else, up to 64 kB, and up to 192 kB where posts are written. Only the pages' own routes have it:
 * others read their bodies themselves.
 */
export function createFormBody(): Middleware {
  const read = (formLimit: string) => bodyParser({ enableTypes: ['form'], formLimit, encoding: 'utf-8' });
  const [short, long] = [read('64kb'), read('192kb')];
  return async function readForm(ctx, next) {
    await (WRITING.test(ctx.path) ? long : short)(ctx, next);
  };
}

/** A field of the form that was sent; empty when it is missing, was sent more than once, or holds what PostgreSQL cannot. */
export function formField(ctx: KoaContext, name: string): string {
  const body: unknown = (ctx.request as { body?: unknown }).body;
  const value = body && typeof body === 'object' ? (body as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' && !value.includes('\0') ? value : '';
}

/** A field that may be sent several times; at most 100 of it count. The parser makes an object of more than 20. */
export function formFields(ctx: KoaContext, name: string): string[] {
  const body: unknown = (ctx.request as { body?: unknown }).body;
  const value = body && typeof body === 'object' ? (body as Record<string, unknown>)[name] : undefined;
  const values = value && typeof value === 'object' ? Object.values(value) : [value];
  return values.slice(0, 100).filter((one) => typeof one === 'string' && !one.includes('\0')) as string[];
}

/** Whether a field was sent at all, be it empty. */
export function hasFormField(ctx: KoaContext, name: string): boolean {
  const body: unknown = (ctx.request as { body?: unknown }).body;
  return body !== null && typeof body === 'object' && Object.hasOwn(body, name);
}
