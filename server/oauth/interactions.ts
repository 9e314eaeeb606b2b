import type { Context as KoaContext, Middleware } from 'koa';
import { errors } from 'oidc-provider';
import type Provider from 'oidc-provider';

import type { Context } from '../context.ts';
import { requireOwnForm } from '../http/csrf.ts';
import { sessionOf } from '../http/session.ts';
import type { Session } from '../teams/sessions.ts';

import { answerConsent, showConsent } from './consent.ts';
import { leaveFor, type Interaction } from './interaction.ts';
import type { Locks } from './locks.ts';
import { renderStartAgain } from './render-problem.ts';
import { readBody } from './request-body.ts';

const PATH = /^\/interaction\/([A-Za-z0-9_-]{10,64})$/;
/** Every channel of every team of a person is a box of the form. */
const MAX_FORM_BYTES = 65_536;

/** What the library wants a person for, at /interaction/:uid: who they are, and their yes or no. */
export function createInteractions(context: Context, provider: Provider, locks: Locks): Middleware {
  const checkForm = requireOwnForm(context);

  async function findInteraction(ctx: KoaContext, uid: string): Promise<Interaction | null> {
    try {
      const interaction = await provider.interactionDetails(ctx.req, ctx.res);
      return interaction.uid === uid ? interaction : null;
    } catch (error) {
      if (error instanceof errors.SessionNotFound) return null;
      throw error;
    }
  }

  /** The consent of the person who is signed in; null when it is gone, over, or was begun by somebody else. */
  function isTheirs(interaction: Interaction | null, session: Session): interaction is Interaction {
    return interaction?.prompt.name === 'consent' && interaction.session?.accountId === session.personId;
  }

  return async function interact(ctx, next) {
    const uid = PATH.exec(ctx.path)?.[1];
    if (!uid || (ctx.method !== 'GET' && ctx.method !== 'POST')) return next();
    ctx.set('Cache-Control', 'no-store');
    const session = sessionOf(ctx);
    const interaction = await findInteraction(ctx, uid);
    if (!interaction) return renderStartAgain(ctx);
    if (!session) {
      ctx.status = 303;
      return ctx.redirect(`/sign-in?return_to=${encodeURIComponent(ctx.path)}`);
    }
    if (ctx.method === 'GET') {
      if (interaction.prompt.name === 'login') return finishLogin(ctx, provider, session);
      if (!isTheirs(interaction, session)) return renderStartAgain(ctx);
      return showConsent(context, provider, { ctx, interaction, session });
    }
    const form = await readBody(ctx, MAX_FORM_BYTES);
    if (form === null) return renderStartAgain(ctx);
    const answer = Object.fromEntries(new URLSearchParams(form));
    ctx.request.body = answer;
    await checkForm(ctx, async () => {
      // A double click sends the form twice; the second one must find what the first decided, and go the same way.
      await locks.withLock(`interaction ${uid}`, async () => {
        const current = await findInteraction(ctx, uid);
        if (!isTheirs(current, session)) return renderStartAgain(ctx);
        if (current.result) return leaveFor(ctx, uid);
        await answerConsent(context, provider, { ctx, interaction: current, session, answer });
      });
    });
  };
}

async function finishLogin(ctx: KoaContext, provider: Provider, session: Session): Promise<void> {
  const result = { login: { accountId: session.personId } };
  const { uid } = await provider.interactionDetails(ctx.req, ctx.res);
  await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
  leaveFor(ctx, uid);
}
