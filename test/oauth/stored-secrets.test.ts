import { expect, it } from 'vitest';

import { approve, registerClient, type TokenAnswer } from '../support/oauth-client.ts';
import { startOAuthApp } from './support/oauth-app.ts';

it('nothing in the database lets its reader act as a client or a person', async () => {
  await using app = await startOAuthApp();
  const browser = await app.openBrowser();
  const secrets = new Set<string>([browser.cookies.get('grantcast_session')!]);
  const keepCookies = () =>
    browser.cookies.forEach((value, name) => !name.endsWith('.sig') && secrets.add(value));

  const client = await registerClient(app.origin, { token_endpoint_auth_method: 'client_secret_basic' });
  secrets.add(client.clientSecret!);
  for (let count = 0; count < 2; count += 1) {
    const request = client.startAuthorization({ scope: 'openid campaigns:read' });
    secrets.add(request.verifier);
    await browser.open(request.url);
    keepCookies();
    const back = await approve(browser, request.url);
    keepCookies();
    secrets.add(back.searchParams.get('code')!);
    let tokens = (await (
      await client.exchange(back.searchParams.get('code')!, request)
    ).json()) as TokenAnswer;
    for (let refreshes = 0; refreshes < 3; refreshes += 1) {
      secrets.add(tokens.access_token).add(tokens.refresh_token);
      tokens = (await (await client.refresh(tokens.refresh_token)).json()) as TokenAnswer;
    }
    secrets.add(tokens.access_token).add(tokens.refresh_token);
  }
  expect(secrets.size).toBeGreaterThanOrEqual(25);

  const { rows: tables } = await app.context.pool.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public'`,
  );
  const dumps = await Promise.all(
    tables.map(
      async ({ name }) =>
        (await app.context.pool.query(`select row_to_json(t)::text as row from "${name}" t`)).rows,
    ),
  );
  const dump = dumps.flat().map(({ row }) => (row as string).replaceAll('\\\\x', ''));
  const text = dump.join('\n');
  expect(text).toContain(client.clientId);
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThanOrEqual(20);
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(secret).toString('hex'));
    expect(text).not.toContain(Buffer.from(secret).toString('base64'));
  }
});
