import type { Context as KoaContext } from 'koa';
import type Provider from 'oidc-provider';

/** What the library waits for a person to answer. */
export type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** Back to the library, which goes on with the authorization. */
export function leaveFor(ctx: KoaContext, uid: string): void {
  ctx.status = 303;
  ctx.redirect(`/authorize/${uid}`);
}
