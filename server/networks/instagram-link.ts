import { z } from 'zod';

import type { NetworkSettings } from '../network-settings.ts';
import type { AccountLink } from './account-link.ts';
import { callMeta, metaId, type MetaSession } from './meta-call.ts';
import { assertScopes, authorizeUrlOf, exchangeMetaCode } from './meta-login.ts';
import { fetchLongLivedToken } from './meta-tokens.ts';

const NAME = 'Instagram';
/** Without these there is no publishing. */
const NEEDED = {
  instagram_business_basic: 'seeing the account',
  instagram_business_content_publish: 'publishing posts',
};
const SCOPES = [...Object.keys(NEEDED), 'instagram_business_manage_insights'];

const user = z.object({ user_id: metaId, username: z.string().regex(/^[\w.]{1,30}$/) });
/** As it is answered, and as it is documented. */
const profile = z.union([
  user,
  z.object({ data: z.array(user).length(1) }).transform(({ data }) => data[0]!),
]);

export function createInstagramLink(app: NetworkSettings['instagram']): AccountLink {
  return {
    missingSettings: [
      ...(app.clientId ? [] : ['INSTAGRAM_APP_ID']),
      ...(app.clientSecret ? [] : ['INSTAGRAM_APP_SECRET']),
    ],
    needs: [
      'A professional account (business or creator) on Instagram; a private one cannot be published to.',
      'At developers.facebook.com, an app with "API setup with Instagram login"; its Instagram app id and secret, not those of the app itself.',
      `The permissions ${SCOPES.join(', ')}. Until Meta has reviewed the app, only accounts that are its testers can be linked.`,
    ],

    async begin({ redirectUri, state }) {
      return { authorizeUrl: authorizeUrlOf(app.webUrl, app, { redirectUri, state }, SCOPES), memory: {} };
    },

    async finish(call) {
      const short = await exchangeMetaCode(NAME, `${app.oauthUrl}/oauth/access_token`, app, call);
      const grantedScopes = short.permissions ?? [];
      assertScopes(NAME, grantedScopes, NEEDED);
      const session: MetaSession = {
        name: NAME,
        apiUrl: app.apiUrl,
        token: short.token,
        fetch: call.fetch,
        signal: call.signal,
      };
      const { token, credentials, tokenExpiresAt } = await fetchLongLivedToken(session, 'access_token', {
        grant_type: 'ig_exchange_token',
        client_secret: app.clientSecret ?? '',
      });
      const versioned = { ...session, token, apiUrl: `${app.apiUrl}/${app.graphVersion}` };
      const me = { method: 'GET', path: 'me', query: { fields: 'user_id,username' } } as const;
      const { user_id: id, username } = await callMeta(versioned, me, profile);
      return [
        {
          remoteAccountId: id,
          handle: username,
          credentials,
          ...(tokenExpiresAt && { tokenExpiresAt }),
          grantedScopes,
        },
      ];
    },
  };
}
