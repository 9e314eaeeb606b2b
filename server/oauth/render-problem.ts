import type { Context as KoaContext } from 'koa';

import { pickWords } from '../http/language.ts';
import { renderPage } from '../http/render.ts';
import { ConnectProblemPage } from '../../views/connect-problem.ts';
import type { ConnectProblem } from '../../views/words/words.ts';

/** What the library reports: an OAuth error code, and words for whoever writes the client. */
interface OAuthProblem {
  error: string;
  error_description?: string | undefined;
}

const PROBLEMS: Readonly<Record<string, ConnectProblem>> = {
  invalid_client: 'unknown_client',
  invalid_redirect_uri: 'unknown_redirect',
  server_error: 'server_error',
};

/** An error that cannot go back to the client, as a page that says what to do. Keeps the status that the library set. */
export function renderOAuthProblem(ctx: KoaContext, reported: OAuthProblem): void {
  const detail = [reported.error, reported.error_description].filter(Boolean).join(': ');
  const words = pickWords(ctx);
  const page = ConnectProblemPage({ words, ...words.problems[findProblem(reported)], detail });
  renderPage(ctx, page, ctx.status);
}

/** For an interaction that is gone, over, or somebody else's. */
export function renderStartAgain(ctx: KoaContext): void {
  const words = pickWords(ctx);
  renderPage(ctx, ConnectProblemPage({ words, ...words.problems.start_again }), 400);
}

function findProblem({ error, error_description: description = '' }: OAuthProblem): ConnectProblem {
  if (/session|authorization request has expired/.test(description)) return 'start_again';
  return PROBLEMS[error] ?? 'refused';
}
