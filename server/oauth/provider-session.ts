import type { Context as KoaContext, Middleware } from 'koa';
import type Provider from 'oidc-provider';

import { sessionOf } from '../http/session.ts';

import { COOKIE_NAMES } from './configuration.ts';

/**
 * Forgets the library's own session when it belongs to somebody who is not signed in here any more, before an
 * authorization begins; so another person in the same browser goes straight through, and never meets the library's
 * page that asks to sign the other one out.
 */
export function createSessionBinding(provider: Provider): Middleware {
  return async function bindProviderSession(ctx, next) {
    if (!/^\/authorize(\/|$)/.test(ctx.path)) return next();
    const session = await provider.Session.get(ctx);
    if (session.accountId && session.accountId !== sessionOf(ctx)?.personId) {
      await session.destroy();
      ctx.req.headers.cookie = withoutCookie(ctx.req.headers.cookie ?? '', COOKIE_NAMES.session);
      ctx.cookies.set(COOKIE_NAMES.session, null);
    }
    await freeFromSession(provider, ctx);
    return next();
  };
}

/**
 * Two apps that ask at the same moment in a browser that was new here each begin a session of the library's, of which
 * the browser keeps one; the other app would never be answered. What an interaction is bound to is therefore the person
 * who is signed in here: for them, and nobody else, the library's session may be another than at the beginning.
 */
async function freeFromSession(provider: Provider, ctx: KoaContext): Promise<void> {
  const uid = /^\/authorize\/([A-Za-z0-9_-]{10,64})$/.exec(ctx.path)?.[1];
  const personId = sessionOf(ctx)?.personId;
  const interaction = uid && personId ? await provider.Interaction.find(uid) : undefined;
  if (!interaction?.session?.uid || interaction.session.accountId !== personId) return;
  delete (interaction.session as { uid?: string }).uid;
  await interaction.persist();
}

function withoutCookie(header: string, name: string): string {
  return header
    .split(/;\s*/)
    .filter((pair) => !pair.startsWith(`${name}=`) && !pair.startsWith(`${name}.sig=`))
    .join('; ');
}
