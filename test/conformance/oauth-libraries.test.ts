import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { approve, openScriptedBrowser } from '../support/oauth-client.ts';
import { OWNER, startTestServer, type TestServer } from '../support/test-server.ts';
import { callListChannels } from './call-list-channels.ts';

/**
 * The two most careful OAuth clients for JavaScript check every answer by the RFCs: discovery (RFC 8414), the issuer of
 * an authorization response (RFC 9207), PKCE, the token answer, rotation and revocation (RFC 7009).
 */
const REDIRECT_URI = 'http://127.0.0.1:43219/callback';
const KINDS = [
  { kind: 'public', method: 'none' },
  { kind: 'confidential, secret in the body', method: 'client_secret_post' },
  { kind: 'confidential, secret in the header', method: 'client_secret_basic' },
] as const;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function answerAsPerson(authorizationUrl: URL): Promise<URL> {
  return approve(openScriptedBrowser(server.url), authorizationUrl.href, OWNER);
}

describe.each(KINDS)('a $kind client', ({ method }) => {
  const metadata = {
    client_name: 'Library',
    redirect_uris: [REDIRECT_URI],
    token_endpoint_auth_method: method,
  };

  it('goes the whole way with oauth4webapi', async () => {
    const insecure = { [oauth.allowInsecureRequests]: true };
    const resource = await oauth.processResourceDiscoveryResponse(
      new URL(server.mcpUrl),
      await oauth.resourceDiscoveryRequest(new URL(server.mcpUrl), insecure),
    );
    const issuer = new URL(resource.authorization_servers![0]!);
    const as = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' }),
    );
    expect(as).toMatchObject({
      authorization_response_iss_parameter_supported: true,
      code_challenge_methods_supported: ['S256'],
    });
    const registered = await oauth.processDynamicClientRegistrationResponse(
      await oauth.dynamicClientRegistrationRequest(as, metadata, insecure),
    );
    const authentication = authenticate(method, registered.client_secret);

    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const url = new URL(as.authorization_endpoint!);
    url.search = new URLSearchParams({
      client_id: registered.client_id,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      scope: 'campaigns:read',
      resource: server.mcpUrl,
      state,
    }).toString();
    // Throws when state or issuer differ, and when the issuer is missing although it was announced.
    const answer = oauth.validateAuthResponse(as, registered, await answerAsPerson(url), state);
    const tokens = await oauth.processAuthorizationCodeResponse(
      as,
      registered,
      await oauth.authorizationCodeGrantRequest(
        as,
        registered,
        authentication,
        answer,
        REDIRECT_URI,
        verifier,
        {
          ...insecure,
          additionalParameters: { resource: server.mcpUrl },
        },
      ),
    );
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: 'campaigns:read' });
    expect((await callListChannels(server.mcpUrl, tokens.access_token)).status).toBe(200);

    const refreshed = await oauth.processRefreshTokenResponse(
      as,
      registered,
      await oauth.refreshTokenGrantRequest(as, registered, authentication, tokens.refresh_token!, insecure),
    );
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
    expect((await callListChannels(server.mcpUrl, refreshed.access_token)).status).toBe(200);

    await oauth.processRevocationResponse(
      await oauth.revocationRequest(as, registered, authentication, refreshed.refresh_token!, insecure),
    );
    expect((await callListChannels(server.mcpUrl, refreshed.access_token)).status).toBe(401);
  });

  it('goes the whole way with openid-client', async () => {
    const config = await client.dynamicClientRegistration(new URL(server.url), metadata, undefined, {
      algorithm: 'oauth2',
      execute: [client.allowInsecureRequests],
    });
    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: 'campaigns:read',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      resource: server.mcpUrl,
      state,
    });
    const tokens = await client.authorizationCodeGrant(
      config,
      await answerAsPerson(url),
      { pkceCodeVerifier: verifier, expectedState: state },
      { resource: server.mcpUrl },
    );
    expect((await callListChannels(server.mcpUrl, tokens.access_token)).status).toBe(200);
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token!);
    expect(refreshed.scope).toBe('campaigns:read');
    await client.tokenRevocation(config, refreshed.access_token);
    expect((await callListChannels(server.mcpUrl, refreshed.access_token)).status).toBe(401);
    await expect(client.refreshTokenGrant(config, refreshed.refresh_token!)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });
});

describe('what the careful clients rely on', () => {
  it('a denial comes back with the issuer too', async () => {
    const config = await client.dynamicClientRegistration(
      new URL(server.url),
      { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' },
      undefined,
      { algorithm: 'oauth2', execute: [client.allowInsecureRequests] },
    );
    const verifier = client.randomPKCECodeVerifier();
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const back = await approve(openScriptedBrowser(server.url), url.href, { ...OWNER, decision: 'Deny' });
    expect(back.searchParams.get('iss')).toBe(server.url);
    await expect(
      client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier }),
    ).rejects.toMatchObject({ error: 'access_denied' });
  });

  it('finds the authorization server as an OpenID provider too', async () => {
    const issuer = new URL(server.url);
    const as = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { algorithm: 'oidc', [oauth.allowInsecureRequests]: true }),
    );
    expect(as.code_challenge_methods_supported).toEqual(['S256']);
  });
});

function authenticate(method: (typeof KINDS)[number]['method'], secret: unknown): oauth.ClientAuth {
  if (method === 'none') return oauth.None();
  if (method === 'client_secret_post') return oauth.ClientSecretPost(secret as string);
  return oauth.ClientSecretBasic(secret as string);
}
