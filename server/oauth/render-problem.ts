import type { Context as KoaContext } from 'koa';

import { renderPage } from '../http/render.ts';
import { ConnectProblemPage } from '../../views/connect-problem.ts';

/** What the library reports: an OAuth error code, and words for whoever writes the client. */
interface OAuthProblem {
  error: string;
  error_description?: string | undefined;
}

interface Advice {
  title: string;
  advice: string;
}

const ADVICE: Readonly<Record<string, Advice>> = {
  invalid_client: {
    title: 'This app is not known here',
    advice: 'Its registration does not exist on this server. Remove Grantcast in the app and add it again.',
  },
  invalid_redirect_uri: {
    title: 'This app asked to be answered at an unknown address',
    advice:
      'It did not register that address, so nothing is sent there. Remove Grantcast in the app and add it again.',
  },
  server_error: {
    title: 'Something went wrong on this server',
    advice:
      'Nothing was approved. Start again from your app; if it happens again, tell whoever runs this server.',
  },
};

const START_AGAIN: Advice = {
  title: 'This request is no longer open',
  advice:
    'It was answered already, was open for more than an hour, or somebody else signed in meanwhile. Start again from your app.',
};

const REFUSED: Advice = {
  title: 'This app sent a request that cannot be answered',
  advice:
    'Nothing was approved. Start again from your app; if it happens again, the app needs to be corrected.',
};

/** An error that cannot go back to the client, as a page that says what to do. Keeps the status that the library set. */
export function renderOAuthProblem(ctx: KoaContext, problem: OAuthProblem): void {
  const { title, advice } = findAdvice(problem);
  const detail = [problem.error, problem.error_description].filter(Boolean).join(': ');
  renderPage(ctx, ConnectProblemPage({ title, advice, detail }), ctx.status);
}

/** For an interaction that is gone, over, or somebody else's. */
export function renderStartAgain(ctx: KoaContext): void {
  renderPage(ctx, ConnectProblemPage(START_AGAIN), 400);
}

function findAdvice({ error, error_description: description = '' }: OAuthProblem): Advice {
  if (/session|authorization request has expired/.test(description)) return START_AGAIN;
  return ADVICE[error] ?? REFUSED;
}
