// Linking Pages: https://developers.facebook.com/documentation/facebook-login/guides/advanced/manual-flow,
// https://developers.facebook.com/documentation/pages-api/getting-started (checked 2026-11)
// The token of a Page that comes from a long-lived token of its person does not end by itself.
import { z } from 'zod';

import type { NetworkSettings } from '../network-settings.ts';
import type { AccountLink, LinkCall, LinkedAccount } from './account-link.ts';
import { callApi } from './call-api.ts';
import { callMeta, metaId, type MetaSession } from './meta-call.ts';
import { cleanName } from './clean-name.ts';
import { explainMetaError } from './meta-errors.ts';
import { assertScopes } from './meta-login.ts';
import { NetworkError } from './network-error.ts';

const NAME = 'Facebook';
/** Without these there is no publishing. */
const NEEDED = {
  pages_show_list: 'seeing your Pages',
  pages_manage_posts: 'publishing as a Page',
  pages_read_engagement: 'reading what the Page published',
};
const SCOPES = [...Object.keys(NEEDED), 'read_insights'];
const MOST_PAGES = '100';
const MAX_NAME_LENGTH = 100;

const tokenAnswer = z.object({ access_token: z.string().min(1).max(4000) });
const permissions = z.object({ data: z.array(z.object({ permission: z.string(), status: z.string() })) });
const pages = z.object({
  data: z.array(
    z.object({
      id: metaId,
      name: z.string().min(1),
      /** What its addresses begin with, where it has chosen one. */
      username: z
        .string()
        .regex(/^[\w.]{1,100}$/)
        .optional(),
      access_token: z.string().min(1).max(4000).optional(),
      tasks: z.array(z.string()).default([]),
    }),
  ),
});

export function createFacebookLink(app: NetworkSettings['facebook']): AccountLink {
  const apiUrl = `${app.apiUrl}/${app.graphVersion}`;

  const fetchToken = async ({ fetch, signal }: LinkCall, query: Record<string, string>): Promise<string> => {
    const url = new URL(`${apiUrl}/oauth/access_token`);
    const secrets = { client_id: app.clientId ?? '', client_secret: app.clientSecret ?? '' };
    for (const [name, value] of Object.entries({ ...secrets, ...query })) url.searchParams.set(name, value);
    const explain = (answer: Parameters<typeof explainMetaError>[0]) =>
      answer.status < 500 ? linkFailed(answer.body) : explainMetaError(answer, NAME);
    const { body } = await callApi(fetch, { url, method: 'GET', signal }, { name: NAME, explain });
    const parsed = tokenAnswer.safeParse(body);
    if (!parsed.success) throw linkFailed(parsed.error);
    return parsed.data.access_token;
  };

  return {
    missingSettings: [
      ...(app.clientId ? [] : ['FACEBOOK_APP_ID']),
      ...(app.clientSecret ? [] : ['FACEBOOK_APP_SECRET']),
    ],
    needs: [
      'A Facebook Page on which you may create content.',
      `At developers.facebook.com, an app with Facebook Login and the permissions ${SCOPES.join(', ')}. Until Meta has reviewed it, only people with a role in the app can link their Pages.`,
    ],

    async begin({ redirectUri, state }) {
      const authorizeUrl = new URL(`/${app.graphVersion}/dialog/oauth`, app.webUrl);
      const query = {
        client_id: app.clientId ?? '',
        redirect_uri: redirectUri,
        state,
        response_type: 'code',
        scope: SCOPES.join(','),
      };
      for (const [name, value] of Object.entries(query)) authorizeUrl.searchParams.set(name, value);
      return { authorizeUrl, memory: {} };
    },

    async finish(call) {
      const { query, redirectUri, fetch, signal } = call;
      if (query.get('error') === 'access_denied') {
        throw new NetworkError(
          'rejected',
          'access_denied',
          `You did not allow it on ${NAME}. Nothing was linked.`,
        );
      }
      const code = query.get('code')?.replace(/#_=_$/, '');
      if (!code) throw linkFailed();
      const short = await fetchToken(call, { redirect_uri: redirectUri, code });
      const grant = { grant_type: 'fb_exchange_token', fb_exchange_token: short };
      const token = await fetchToken(call, grant);
      const session: MetaSession = { name: NAME, apiUrl, token, appSecret: app.clientSecret, fetch, signal };
      const allowed = await callMeta(session, { method: 'GET', path: 'me/permissions' }, permissions);
      const grantedScopes = allowed.data
        .filter(({ status }) => status === 'granted')
        .map(({ permission }) => permission);
      assertScopes(NAME, grantedScopes, NEEDED);
      return findPages(session, grantedScopes);
    },
  };
}

/** @throws NetworkError rejected `no_pages` when there is none to publish to */
async function findPages(session: MetaSession, grantedScopes: readonly string[]): Promise<LinkedAccount[]> {
  const query = { fields: 'id,name,username,access_token,tasks', limit: MOST_PAGES };
  const { data } = await callMeta(session, { method: 'GET', path: 'me/accounts', query }, pages);
  const usable = data.flatMap(({ id, name, username, access_token: token, tasks }) =>
    token && tasks.includes('CREATE_CONTENT')
      ? [
          {
            remoteAccountId: id,
            handle: username ?? (cleanName(name, MAX_NAME_LENGTH) || 'Page'),
            kind: 'Page',
            credentials: JSON.stringify({ token }),
            grantedScopes,
          },
        ]
      : [],
  );
  if (usable.length > 0) return usable;
  throw new NetworkError(
    'rejected',
    'no_pages',
    `There is no Page on which you may create content, or none was chosen on ${NAME}'s page.`,
  );
}

function linkFailed(cause?: unknown): NetworkError {
  const why = `${NAME} did not accept the sign-in. Start again, and if it happens again, check the app's id, secret and redirect address.`;
  return new NetworkError('rejected', 'link_failed', why, { cause });
}
