import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { startFakeLinkedin, type FakeLinkedin } from '../support/fakes/linkedin/fake-linkedin.ts';
import { startFakeMastodon, type FakeMastodon } from '../support/fakes/mastodon/fake-mastodon.ts';
import { startFakeFacebook, type FakeFacebook } from '../support/fakes/meta/fake-facebook.ts';
import { startFakeInstagram, type FakeInstagram } from '../support/fakes/meta/instagram.ts';
import { startFakeThreads, type FakeThreads } from '../support/fakes/meta/threads.ts';
import { startFakeX, X_SCOPES, type FakeX } from '../support/fakes/x/fake-x.ts';

/** The pages, and every network that is linked on pages of its own but Bluesky, whose real server stands for it elsewhere. */
export interface NetworksRig extends AsyncDisposable {
  server: PagesServer;
  x: FakeX;
  linkedin: FakeLinkedin;
  mastodon: FakeMastodon;
  threads: FakeThreads;
  instagram: FakeInstagram;
  facebook: FakeFacebook;
}

const LINKEDIN_SCOPES = [
  ...['openid', 'profile', 'w_member_social', 'w_organization_social'],
  ...['r_organization_social', 'rw_organization_admin', 'r_member_postAnalytics'],
];
const THREADS_SCOPES = [
  ...['threads_basic', 'threads_content_publish', 'threads_manage_replies'],
  ...['threads_read_replies', 'threads_manage_insights', 'threads_delete'],
];
const INSTAGRAM_SCOPES = [
  ...['instagram_business_basic', 'instagram_business_content_publish'],
  'instagram_business_manage_insights',
];
const APP = { clientId: 'our-app', clientSecret: 'our-secret' };

export async function startNetworksRig(): Promise<NetworksRig> {
  const [x, linkedin, mastodon] = [await startFakeX(), await startFakeLinkedin(), await startFakeMastodon()];
  const [threads, instagram] = [await startFakeThreads(), await startFakeInstagram()];
  const facebook = await startFakeFacebook('http://127.0.0.1/');
  // Another host name of the same machine: another site, as the pages of a network are.
  const webOf = ({ url }: { url: string }) => url.replace('127.0.0.1', 'localhost');
  const server = await startPagesServer({
    ALLOW_PRIVATE_HOSTS: '127.0.0.1,localhost',
    ...{ X_CLIENT_ID: APP.clientId, X_CLIENT_SECRET: APP.clientSecret },
    ...{ X_API_URL: x.url, X_WEB_URL: webOf(x) },
    ...{ LINKEDIN_CLIENT_ID: APP.clientId, LINKEDIN_CLIENT_SECRET: APP.clientSecret },
    ...{ LINKEDIN_API_URL: linkedin.url, LINKEDIN_WEB_URL: webOf(linkedin), LINKEDIN_ORGANIZATIONS: 'true' },
    ...{ THREADS_APP_ID: APP.clientId, THREADS_APP_SECRET: APP.clientSecret },
    ...{ THREADS_API_URL: threads.url, THREADS_WEB_URL: webOf(threads) },
    ...{ INSTAGRAM_APP_ID: APP.clientId, INSTAGRAM_APP_SECRET: APP.clientSecret },
    ...{ INSTAGRAM_API_URL: instagram.url, INSTAGRAM_OAUTH_URL: instagram.url },
    INSTAGRAM_WEB_URL: webOf(instagram),
    ...{ FACEBOOK_APP_ID: facebook.app.clientId, FACEBOOK_APP_SECRET: facebook.app.clientSecret! },
    ...{ FACEBOOK_API_URL: facebook.url, FACEBOOK_WEB_URL: webOf(facebook) },
  });
  const at = (id: string) => [`${server.url}/channels/link/${id}/callback`];
  x.oauth.registerApp({ ...APP, redirectUris: at('x'), scopes: X_SCOPES });
  linkedin.oauth.registerApp({ ...APP, redirectUris: at('linkedin'), scopes: LINKEDIN_SCOPES });
  threads.graph.oauth.registerApp({ ...APP, redirectUris: at('threads'), scopes: THREADS_SCOPES });
  instagram.graph.oauth.registerApp({ ...APP, redirectUris: at('instagram'), scopes: INSTAGRAM_SCOPES });
  Object.assign(facebook.app, { redirectUris: at('facebook') });
  const fakes = [x, linkedin, mastodon, threads, instagram, facebook];
  return {
    ...{ server, x, linkedin, mastodon, threads, instagram, facebook },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      for (const fake of fakes) await fake[Symbol.asyncDispose]();
    },
  };
}
