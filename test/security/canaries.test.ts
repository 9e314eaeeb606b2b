import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, inject, it, vi } from 'vitest';

import { readConfig } from '../../server/config.ts';
import { openContext, type Context } from '../../server/context.ts';
import { loadSigningKeys } from '../../server/oauth/signing-keys.ts';
import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import { publishPost } from '../../server/deliveries/publish-post.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { makeFolder, startServerChild, stopChild } from '../startup/support/child-server.ts';
import { startCompanyProvider } from '../support/company-provider.ts';
import { findFreePort } from '../support/free-port.ts';
import {
  approve,
  openScriptedBrowser,
  registerClient,
  type ScriptedBrowser,
  type TokenAnswer,
} from '../support/oauth-client.ts';
import { hasRedisServer, startTestRedis } from '../support/redis.ts';
import { createTestDatabase } from '../support/test-database.ts';
import {
  addBoundAccount,
  addTestedWebhook,
  linkEverywhere,
  startEchoingNetworks,
} from './support/echoing-networks.ts';
import { createCanaries, dumpDatabase, dumpRedis, isIn, type Canaries } from './support/keeper.ts';

const QUEUES = hasRedisServer() ? ['PostgreSQL', 'Redis'] : ['PostgreSQL'];

it.each(QUEUES)(
  'nothing in the database, the queue on %s or the log lets its reader act as a client or a person',
  async (queue) => {
    await using folder = await makeFolder();
    await using database = await createTestDatabase();
    await using redis = queue === 'Redis' ? await startTestRedis() : null;
    const canaries = createCanaries();
    const make = (kind: string) => {
      const value = `canary-${randomBytes(24).toString('base64url')}`;
      canaries.add(kind, value);
      return value;
    };
    const people = [{ sub: 'nina', email: 'nina@example.com', email_verified: true, name: 'Nina' }];
    await using company = await startCompanyProvider({ people, clientSecret: make('company client secret') });
    await using network = await startNetwork(make);
    await using echoing = await startEchoingNetworks(make);
    const settings = {
      DATABASE_URL: database.url,
      DATA_DIR: folder.path,
      SECRET_KEY: make('SECRET_KEY'),
      LOG_LEVEL: 'trace',
      ...(redis && { REDIS_URL: redis.url }),
      ...company.settings,
      ...echoing.settings,
      ALLOW_PRIVATE_HOSTS: `${company.settings['ALLOW_PRIVATE_HOSTS']},${network.host},${echoing.host}`,
      PORT: String(await findFreePort()),
    };
    canaries.add('database password', new URL(database.url).password);
    const server = await startServerChild(settings);
    try {
      company.register(server.url);
      const setupLink = /First owner +(\S+)/.exec(server.output().stdout)![1]!;
      const owner = await makeOwner(server.url, setupLink, canaries, make);
      await inviteSomebody(owner, server.url, canaries, make);
      await signInByCompany(server.url, company, canaries);
      await linkAccount(owner, network.host, canaries);
      await linkEverywhere(owner, echoing, canaries, make);
      await addTestedWebhook(owner, echoing, canaries);
      await connectAndMisuse(owner, server.url, canaries);
      await using context = openContext({
        config: readConfig(settings),
        publicUrl: server.url,
        databaseUrl: database.url,
        secretKey: settings.SECRET_KEY,
      });
      for (const key of await loadSigningKeys(context)) canaries.add('signing key', key.d);
      await addBoundAccount(context, echoing.url, canaries);
      await publishSomething(context);
      await expectRecord(context);
    } finally {
      await stopChild(server);
    }
    const superuserUrl = new URL(inject('superuserUrl'));
    superuserUrl.pathname = new URL(database.url).pathname;
    const places = {
      log: server.output().stderr,
      database: await dumpDatabase(superuserUrl.href),
      ...(redis && { redis: await dumpRedis(redis.url) }),
    };
    // What must be there shows that the right places are looked into.
    expect(places.database).toContain('Scripted editor');
    expect(places.database).toContain('connection.created');
    expect(places.log).toContain('"level":30');
    expect(places.log).toContain('Malformed access token');
    const found = canaries
      .all()
      .flatMap(({ kind, value }) =>
        Object.entries(places).flatMap(([place, text]) => (isIn(text, value) ? `${kind} in ${place}` : [])),
      );
    const count = canaries.all().length;
    process.stdout.write(
      `TARGET S5 secret canaries in database dump, queue (${queue}) and log: ${found.length} of ${count}\n`,
    );
    expect(found).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(90);
  },
  120_000,
);

type Make = (kind: string) => string;

/** A network's server that signs anybody in and then answers nonsense, so that errors are told of. */
async function startNetwork(make: Make): Promise<{ host: string } & AsyncDisposable> {
  const session = {
    did: 'did:plc:ewvi7nxzyoun6zhxrhs64oiz',
    handle: 'alice.test',
    accessJwt: make('network access token'),
    refreshJwt: make('network refresh token'),
  };
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(session));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function makeOwner(
  origin: string,
  setupLink: string,
  canaries: Canaries,
  make: Make,
): Promise<ScriptedBrowser> {
  const browser = openScriptedBrowser(origin);
  canaries.add('set-up link', setupLink.split('/').at(-1));
  const email = 'owner@example.com';
  const password = make('password');
  const page = await browser.open(setupLink);
  const fields = { name: 'Olivia', email, password, teamName: 'Harbour', timeZone: 'Europe/Berlin' };
  expect((await browser.submit(page, 'Create my account', fields)).status).toBe(200);
  canaries.addCookies(browser.cookies);
  await browser.submit(await browser.open(`${origin}/`), 'Sign out');
  let signIn = await browser.open(`${origin}/sign-in`);
  canaries.add('csrf token', /name="csrf" value="([^"]+)"/.exec(signIn.html)?.[1]);
  signIn = await browser.submit(signIn, 'Sign in', { email, password: make('mistyped password') });
  expect(signIn.status).toBe(401);
  await browser.submit(signIn, 'Sign in', {
    email: 'nobody@example.com',
    password: make('password of nobody'),
  });
  expect((await browser.submit(signIn, 'Sign in', { email, password })).status).toBe(200);
  canaries.addCookies(browser.cookies);
  return browser;
}

async function inviteSomebody(
  owner: ScriptedBrowser,
  origin: string,
  canaries: Canaries,
  make: Make,
): Promise<void> {
  const made = await owner.submit(await owner.open(`${origin}/people`), 'Make an invitation link', {
    email: 'nina@example.com',
    role: 'editor',
  });
  const link = /value="([^"]*\/invitation\/[^"]+)"/.exec(made.html)![1]!;
  canaries.add('invitation token', link.split('/').at(-1));
  const nina = openScriptedBrowser(origin);
  const page = await nina.open(link);
  await nina.submit(page, 'Make an account and join', { name: 'Nina', password: make('password') });
  canaries.addCookies(nina.cookies);
}

async function signInByCompany(
  origin: string,
  company: Awaited<ReturnType<typeof startCompanyProvider>>,
  canaries: Canaries,
): Promise<void> {
  const browser = openScriptedBrowser(origin);
  const leaving = await browser.open(`${origin}/sign-in/company`);
  const asked = new URL(leaving.leavesFor!);
  for (const name of ['state', 'nonce']) canaries.add(`company ${name}`, asked.searchParams.get(name));
  canaries.addCookies(browser.cookies);
  const callback = await company.answer(asked.href, 'nina');
  canaries.add('company code', callback.searchParams.get('code'));
  await browser.open(callback.href);
  canaries.addCookies(browser.cookies);
}

async function linkAccount(owner: ScriptedBrowser, host: string, canaries: Canaries): Promise<void> {
  const page = await owner.open('/channels/link/bluesky');
  const group = () => randomBytes(3).toString('hex').slice(0, 4);
  const appPassword = Array.from({ length: 4 }, group).join('-');
  canaries.add('app password', appPassword);
  const fields = { handle: 'alice.test', appPassword, serviceUrl: `http://${host}` };
  const linked = await owner.submit(page, 'Link the account', fields);
  expect(linked.html).toContain('alice.test');
  expect(new URL(linked.url).pathname).toBe('/channels');
}

/** Everything a client does, and what clients do wrong with what they hold. */
async function connectAndMisuse(owner: ScriptedBrowser, origin: string, canaries: Canaries): Promise<void> {
  const client = await registerClient(origin, { token_endpoint_auth_method: 'client_secret_basic' });
  canaries.add('client secret', client.clientSecret);
  const keep = (tokens: TokenAnswer) => {
    canaries.add('access token', tokens.access_token);
    canaries.add('refresh token', tokens.refresh_token);
    return tokens;
  };
  for (let count = 0; count < 3; count += 1) {
    const request = client.startAuthorization();
    canaries.add('verifier', request.verifier);
    const back = await approve(owner, request.url);
    canaries.addCookies(owner.cookies);
    const code = back.searchParams.get('code')!;
    canaries.add('code', code);
    await client.exchange(code, { ...request, verifier: 'w'.repeat(43) }).then((answer) => answer.text());
    const answer = await client.exchange(code, request);
    // A wrong verifier does not use the code up.
    const first = keep((await answer.json()) as TokenAnswer);
    const second = keep((await (await client.refresh(first.refresh_token)).json()) as TokenAnswer);
    const third = keep((await (await client.refresh(second.refresh_token)).json()) as TokenAnswer);
    await client.refresh(first.refresh_token);
    await client.exchange(code, request);
    const misuses: [string, RequestInit?][] = [
      [`/mcp?access_token=${third.access_token}`],
      ['/mcp', { headers: { authorization: `Bearer ${third.refresh_token}` } }],
      [
        '/mcp',
        {
          method: 'POST',
          headers: { authorization: `Bearer ${third.access_token}` },
          body: third.access_token,
        },
      ],
      [`/${third.access_token}`],
      [`/oauth/token?refresh_token=${third.refresh_token}`, { method: 'POST' }],
      [
        `/token?code=${code}`,
        { method: 'POST', body: new URLSearchParams({ refresh_token: third.refresh_token }) },
      ],
      [`/mcp/${third.access_token}`, { method: 'DELETE' }],
    ];
    for (const [path, init] of misuses) await fetch(`${origin}${path}`, init);
    await client.revoke(third.access_token);
  }
}

/** The worker takes the network's tokens in hand, and the network answers nonsense. */
async function publishSomething(context: Context): Promise<void> {
  const { teamId, personId } = await context.db.membership.findFirstOrThrow({ where: { role: 'owner' } });
  const caller = { kind: 'person', role: 'owner', teamId, personId } as const;
  const channels = await context.db.channel.findMany({ where: { teamId } });
  const { campaignId } = await createCampaign(context, caller, { name: 'Launch', goal: 'Be seen' });
  expect(new Set(channels.map(({ network }) => network)).size).toBe(8);
  // Instagram takes no post without a picture.
  const channelIds = channels.filter(({ network }) => network !== 'instagram').map(({ id }) => id);
  const { postId } = await createPost(context, caller, { campaignId, channelIds, text: 'Hello' });
  await publishPost(context, caller, { postId, expectedRev: 1 });
  await vi.waitFor(
    async () => {
      const untouched = { state: { in: ['scheduled', 'claimed', 'prepared', 'sending'] }, problemCode: null };
      expect(await context.db.delivery.count({ where: { ...untouched, postId } })).toBe(0);
      expect(await context.db.webhookCall.count({ where: { lastOutcome: null } })).toBe(0);
    },
    { timeout: 30_000, interval: 100 },
  );
}

/** The whole run is on record, and what came from outside with its address. */
async function expectRecord({ db }: Context): Promise<void> {
  const rows = await db.activity.groupBy({ by: ['action', 'address'], orderBy: { action: 'asc' } });
  const addressesOf = (kind: RegExp) =>
    rows.flatMap(({ action, address }) => (kind.test(action) ? [`${action} from ${address}`] : []));
  expect(addressesOf(/^(person|token)\.|^connection\.(created|revoked)/)).toEqual([
    'connection.created from 127.0.0.1',
    'connection.revoked from 127.0.0.1',
    'person.sign_in_failed from 127.0.0.1',
    'person.signed_in from 127.0.0.1',
    'person.signed_out from 127.0.0.1',
    'token.issued from 127.0.0.1',
    'token.refreshed from 127.0.0.1',
  ]);
  expect(addressesOf(/^(member|channel|delivery|connection)\./)).toEqual(
    expect.arrayContaining([
      'channel.linked from 127.0.0.1',
      'delivery.published from null',
      'delivery.scheduled from null',
      'member.invited from 127.0.0.1',
      'member.joined from null',
    ]),
  );
}
