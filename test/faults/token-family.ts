import type { Context } from '../../server/context.ts';
import { hashToken } from '../../server/token.ts';
import {
  findWayBack,
  type AuthorizationRequest,
  type OAuthClient,
  type ScriptedBrowser,
  type TokenAnswer,
} from '../support/oauth-client.ts';

/** A person says yes once more, and to nothing else: a code of a new connection, and the earlier ones stay. */
export async function getCode(
  client: OAuthClient,
  browser: ScriptedBrowser,
): Promise<{ request: AuthorizationRequest; code: string }> {
  const request = client.startAuthorization();
  const page = await browser.open(request.url);
  const html = page.html.replaceAll(/<input[^>]*name="replace\.[^>]*>/g, '');
  const back = new URL(findWayBack(await browser.submit({ ...page, html }, 'Allow')));
  return { request, code: back.searchParams.get('code')! };
}

/** The first tokens of a new connection. */
export async function openFamily(client: OAuthClient, browser: ScriptedBrowser): Promise<TokenAnswer> {
  const { request, code } = await getCode(client, browser);
  return readTokens(await client.exchange(code, request));
}

/** @throws Error when the server did not give any: the client would have to sign in again */
export async function readTokens(response: Response): Promise<TokenAnswer> {
  const answer: unknown = await response.json();
  if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
  return answer as TokenAnswer;
}

/** As if this much time had passed, as far as the rules about repeated codes and refresh tokens look at one family. */
export async function ageFamily(context: Context, accessToken: string, seconds: number): Promise<void> {
  const idHash = hashToken(accessToken);
  await context.db.$executeRaw`
    update oidc_token set consumed_at = consumed_at - make_interval(secs => ${seconds}::float8)
    where grant_id = (select grant_id from oidc_token where id_hash = ${idHash})`;
  await context.db.$executeRaw`
    update refresh_replay set created_at = created_at - make_interval(secs => ${seconds}::float8)
    where grant_id = (select grant_id from oidc_token where id_hash = ${idHash})`;
}
