import type { Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';

import type { Context } from '../context.ts';
import { pickWords } from '../http/language.ts';
import { renderPage } from '../http/render.ts';
import { sessionOf } from '../http/session.ts';
import { UnansweredPage } from '../../views/unanswered.ts';

import { displayClientName } from './client-name.ts';
import { describeRedirect } from './redirect-policy.ts';

/**
 * An error answer goes to the client by itself only where the person who is signed in allowed that client before.
 * Anybody can register a client, and a wrong request of it would else make this server send whoever opens the link to any
 * site (RFC 9700, 4.11.2). Others get a page that names the site, and a link.
 */
export function createUnapprovedGuard(context: Context): Middleware {
  return async function guardUnapproved(ctx, next) {
    await next();
    const location = ctx.response.get('Location');
    if (ctx.path !== '/authorize' || !location) return;
    const target = new URL(location, context.publicUrl);
    if (target.origin === context.publicUrl) return;
    const { client } = (ctx as unknown as KoaContextWithOIDC).oidc;
    const personId = sessionOf(ctx)?.personId;
    if (client && personId && (await hasAllowed(context, personId, client.clientId))) return;
    ctx.remove('Location');
    const page = UnansweredPage({
      words: pickWords(ctx),
      clientName: displayClientName(client?.clientName),
      href: target.href,
      ...describeRedirect(target.href),
      detail: readError(target),
    });
    renderPage(ctx, page, 400);
  };
}

async function hasAllowed(context: Context, personId: string, clientId: string): Promise<boolean> {
  const where = { personId, clientId, revokedAt: null };
  return (await context.db.connection.findFirst({ where, select: { id: true } })) !== null;
}

function readError(target: URL): string {
  const answer = new URLSearchParams(target.hash ? target.hash.slice(1) : target.search);
  return [answer.get('error'), answer.get('error_description')].filter(Boolean).join(': ');
}
