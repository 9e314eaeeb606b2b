import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
  startCompanyProvider,
  type CompanyPerson,
  type CompanyProvider,
} from '../support/company-provider.ts';
import { moveTime } from '../support/move-time.ts';
import { invitePerson } from '../../server/teams/invitations.ts';
import { hashPassword } from '../../server/teams/passwords.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { createScene, OWNER, PASSWORD, type Scene } from './support/scene.ts';
import { createVisitor, type Page, type Visitor } from './support/visitor.ts';

const OLIVIA = { sub: 'olivia', email: OWNER.email, email_verified: true, name: 'O. at work' };
const NINA = {
  sub: 'nina',
  email: 'nina@example.com',
  email_verified: true,
  name: 'Nina New',
};

let company: CompanyProvider;
let server: PagesServer;
let scene: Scene;

beforeAll(async () => {
  company = await startCompanyProvider({ people: [OLIVIA, NINA], clientSecret: 'a secret of the test' });
  server = await startPagesServer(company.settings);
  company.register(server.url);
  scene = await createScene(server.context);
});
beforeEach(async () => {
  const { db } = server.context;
  company.fault = 'none';
  company.people.length = 2;
  await db.externalIdentity.deleteMany();
  await db.membership.deleteMany({ where: { personId: { not: scene.owner.personId } } });
  await db.person.deleteMany({ where: { id: { not: scene.owner.personId } } });
  await db.invitation.deleteMany();
  await db.rateLimit.deleteMany();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await company[Symbol.asyncDispose]();
});

/** Leaves for the provider, and is sent back: the callback is not opened yet. */
async function fetchCallback(visitor: Visitor, person: CompanyPerson, query = ''): Promise<string> {
  const leaving = await visitor.get(`/sign-in/company${query}`);
  expect(leaving.status).toBe(303);
  const callback = await company.answer(leaving.location!, person.sub);
  return callback.pathname + callback.search;
}

async function comeIn(visitor: Visitor, person: CompanyPerson, query = ''): Promise<Page> {
  return visitor.get(await fetchCallback(visitor, person, query));
}

/** As somebody who linked once. */
async function link(person: CompanyPerson, password = PASSWORD): Promise<Visitor> {
  const visitor = createVisitor(server.url);
  const asked = await comeIn(visitor, person);
  expect(asked.location).toMatch(/^\/sign-in\/company\/link\?state=/);
  const state = new URLSearchParams(asked.location!.split('?')[1]).get('state')!;
  const linked = await visitor.submit(asked.location!, '/sign-in/company/link', { state, password });
  expect([linked.status, linked.location]).toEqual([303, '/']);
  return visitor;
}

const isSignedIn = async (visitor: Visitor) => (await visitor.get('/')).status === 200;
const identities = () => server.context.db.externalIdentity.findMany();

async function addStranger(changes: Partial<CompanyPerson>): Promise<CompanyPerson> {
  const person = {
    sub: `s${company.people.length}`,
    email: 'stranger@example.com',
    email_verified: true,
    ...changes,
  };
  company.people.push(person);
  return person;
}

async function invite(email: string): Promise<string> {
  const { link: url } = await invitePerson(server.context, scene.owner, { email, role: 'editor' });
  return new URL(url).pathname.split('/').at(-1)!;
}

describe('the way to the provider', () => {
  it('asks with PKCE, state and nonce for the callback of this server', async () => {
    const visitor = createVisitor(server.url);
    const { location, headers } = await visitor.get('/sign-in/company');
    const url = new URL(location!);
    expect(url.origin).toBe(company.issuer);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'grantcast',
      response_type: 'code',
      redirect_uri: `${server.url}/sign-in/company/callback`,
      scope: 'openid email profile',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(headers.getSetCookie().join()).toMatch(
      /^grantcast_company=[\w-]{43}; Path=\/; Max-Age=1200; HttpOnly; SameSite=Lax$/,
    );
  });

  it('is a button on the sign-in page that keeps where the person wanted to go', async () => {
    const page = await createVisitor(server.url).get('/sign-in?return_to=%2Fposts%3Fshow%3Ddrafts');
    expect(page.text).toContain('href="/sign-in/company?return_to=%2Fposts%3Fshow%3Ddrafts"');
    expect(page.text).toContain('Continue with company account');
  });

  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
  ])('comes back to this server and not to %j', async (returnTo) => {
    await link(OLIVIA);
    const visitor = createVisitor(server.url);
    const back = await comeIn(visitor, OLIVIA, `?return_to=${encodeURIComponent(returnTo)}`);
    expect([back.status, back.location]).toEqual([303, '/']);
  });

  it('leaves nothing in the database that would let a reader end it', async () => {
    const visitor = createVisitor(server.url);
    const callback = new URL(await fetchCallback(visitor, OLIVIA), server.url);
    await visitor.get(callback.pathname + callback.search);
    const rows = await server.context.db.$queryRaw<{ row: string }[]>`
      select row_to_json(company_sign_in)::text || encode(sealed, 'escape') || coalesce(encode(vouched, 'escape'), '') as row
      from company_sign_in`;
    const dump = JSON.stringify(rows);
    expect(rows.length).toBeGreaterThan(0);
    for (const secret of [
      ...[callback.searchParams.get('state')!, callback.searchParams.get('code')!],
      ...[visitor.cookies.get('grantcast_company')!, OLIVIA.email, 'returnTo', 'verifier'],
    ])
      expect(dump).not.toContain(secret);
  });

  it('does not exist without settings', async () => {
    await using plain = await startPagesServer();
    await createScene(plain.context);
    const visitor = createVisitor(plain.url);
    expect((await visitor.get('/sign-in')).text).not.toContain('/sign-in/company');
    expect((await visitor.get('/sign-in/company')).status).toBe(404);
  });

  it('is limited by address', async () => {
    await server.context.db.rateLimit.create({
      data: { key: 'company_sign_in:127.0.0.1', points: 300, expire: BigInt(Date.now() + 600_000) },
    });
    const refused = await createVisitor(server.url).get('/sign-in/company');
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
  });
});

describe('an account that is there already', () => {
  it('is linked by its password once, and is entered without one from then on', async () => {
    const visitor = createVisitor(server.url);
    const asked = await comeIn(visitor, OLIVIA, '?return_to=%2Fcampaigns');
    expect(await isSignedIn(visitor)).toBe(false);
    const page = await visitor.get(asked.location!);
    expect([page.status, page.text.includes('Link your company account')]).toEqual([200, true]);
    const state = new URLSearchParams(asked.location!.split('?')[1]).get('state')!;
    const linked = await visitor.submit(asked.location!, '/sign-in/company/link', {
      state,
      password: PASSWORD,
    });
    expect([linked.status, linked.location]).toEqual([303, '/campaigns']);
    expect(await isSignedIn(visitor)).toBe(true);

    const later = createVisitor(server.url);
    const back = await comeIn(later, OLIVIA, '?return_to=%2Fcampaigns');
    expect([back.status, back.location]).toEqual([303, '/campaigns']);
    expect(await isSignedIn(later)).toBe(true);
    const { activity } = server.context.db;
    const rows = await activity.findMany({ orderBy: { at: 'asc' }, take: -3 });
    expect(rows.map(({ action, detail }) => [action, detail])).toEqual([
      ['company_account.linked', { issuer: company.issuer, email: OWNER.email }],
      ['person.signed_in', { by: 'company' }],
      ['person.signed_in', { by: 'company' }],
    ]);
    expect(await identities()).toMatchObject([
      { issuer: company.issuer, subject: 'olivia', personId: scene.owner.personId, email: OWNER.email },
    ]);
  });

  it('starts a session under a new id, so that a planted or older one is worth nothing', async () => {
    const visitor = await link(OLIVIA);
    const first = visitor.cookies.get('grantcast_session')!;
    await comeIn(visitor, OLIVIA);
    expect(visitor.cookies.get('grantcast_session')).not.toBe(first);
    const old = createVisitor(server.url);
    old.cookies.set('grantcast_session', first);
    expect(await isSignedIn(old)).toBe(false);
    const planted = createVisitor(server.url);
    planted.cookies.set('grantcast_session', 'A'.repeat(43));
    await comeIn(planted, OLIVIA);
    expect(planted.cookies.get('grantcast_session')).not.toBe('A'.repeat(43));
  });

  it('is not linked without the password, with a wrong one, or with one that comes twice', async () => {
    const visitor = createVisitor(server.url);
    const asked = await comeIn(visitor, OLIVIA);
    const state = new URLSearchParams(asked.location!.split('?')[1]).get('state')!;
    for (const password of ['', 'not the password']) {
      const refused = await visitor.submit(asked.location!, '/sign-in/company/link', { state, password });
      expect([refused.status, refused.text.includes('The password is not right')]).toEqual([401, true]);
    }
    expect(await isSignedIn(visitor)).toBe(false);
    expect(await identities()).toEqual([]);
    const right = { state, password: PASSWORD };
    expect((await visitor.submit(asked.location!, '/sign-in/company/link', right)).status).toBe(303);
    await server.context.db.externalIdentity.deleteMany();
    const csrf = (await visitor.get('/account')).text;
    expect(csrf).toContain('Your account');
    expect((await visitor.submit('/account', '/sign-in/company/link', right)).status).toBe(401);
    expect(await identities()).toEqual([]);
  });

  it('is not linked in another browser than the one that came back from the provider', async () => {
    const visitor = createVisitor(server.url);
    const asked = await comeIn(visitor, OLIVIA);
    const state = new URLSearchParams(asked.location!.split('?')[1]).get('state')!;
    const other = createVisitor(server.url);
    await other.get('/sign-in/company');
    expect((await other.get(asked.location!)).status).toBe(401);
    const tried = await other.submit('/sign-in', '/sign-in/company/link', { state, password: PASSWORD });
    expect(tried.status).toBe(401);
    expect(await identities()).toEqual([]);
  });

  it('asks for the password for ten minutes', async () => {
    const visitor = createVisitor(server.url);
    const asked = await comeIn(visitor, OLIVIA);
    expect((await visitor.get(asked.location!)).status).toBe(200);
    await server.context.db
      .$executeRaw`update company_sign_in set returned_at = returned_at - interval '11 minutes'`;
    expect((await visitor.get(asked.location!)).status).toBe(401);
  });

  it('counts wrong passwords with those of the sign-in page', async () => {
    const visitor = createVisitor(server.url);
    const asked = await comeIn(visitor, OLIVIA);
    const state = new URLSearchParams(asked.location!.split('?')[1]).get('state')!;
    const statuses = [];
    for (let round = 0; round < 11; round += 1) {
      const fields = { state, password: 'wrong' };
      statuses.push((await visitor.submit(asked.location!, '/sign-in/company/link', fields)).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    expect((await visitor.signIn(OWNER)).status).toBe(429);
  });

  it('is known by issuer and subject alone: a new address at the provider changes nothing', async () => {
    await link(OLIVIA);
    const { email } = OLIVIA;
    OLIVIA.email = 'married@elsewhere.example';
    const visitor = createVisitor(server.url);
    await comeIn(visitor, OLIVIA);
    OLIVIA.email = email;
    expect((await visitor.get('/account')).text).toContain(OWNER.email);
    const rows = await server.context.db.person.findMany({ select: { email: true } });
    expect(rows).toEqual([{ email: OWNER.email }]);
  });

  it('is not entered by another subject with the same address', async () => {
    await link(OLIVIA);
    const second = await addStranger({ sub: 'olivia-two', email: OWNER.email });
    const visitor = createVisitor(server.url);
    const asked = await comeIn(visitor, second);
    expect(asked.location).toMatch(/^\/sign-in\/company\/link/);
    expect(await isSignedIn(visitor)).toBe(false);

    await server.context.db.person.update({ where: { email: OWNER.email }, data: { passwordHash: null } });
    const refused = await comeIn(createVisitor(server.url), second);
    const passwordHash = await hashPassword(PASSWORD);
    await server.context.db.person.update({ where: { email: OWNER.email }, data: { passwordHash } });
    expect([refused.status, refused.text.includes('Another company account is linked')]).toEqual([403, true]);
    expect(await identities()).toHaveLength(1);
  });

  it('is not entered while it is switched off, linked or not', async () => {
    await link(OLIVIA);
    await server.context.db.person.update({
      where: { email: OWNER.email },
      data: { disabledAt: new Date() },
    });
    const linked = createVisitor(server.url);
    expect((await comeIn(linked, OLIVIA)).status).toBe(403);
    await server.context.db.externalIdentity.deleteMany();
    const unlinked = createVisitor(server.url);
    expect((await comeIn(unlinked, OLIVIA)).status).toBe(403);
    await server.context.db.person.update({ where: { email: OWNER.email }, data: { disabledAt: null } });
    expect([await isSignedIn(linked), await isSignedIn(unlinked)]).toEqual([false, false]);
  });
});

describe('an address that nobody has', () => {
  it('is sent to an owner, and makes no account', async () => {
    const visitor = createVisitor(server.url);
    const refused = await comeIn(visitor, NINA);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('Ask an owner to invite you');
    expect(refused.text).toContain('nina@example.com');
    expect([await isSignedIn(visitor), await server.context.db.person.count()]).toEqual([false, 1]);
  });

  it('is not let in by an invitation whose link was not opened', async () => {
    await invite(NINA.email);
    expect((await comeIn(createVisitor(server.url), NINA)).status).toBe(403);
    expect(await server.context.db.person.count()).toBe(1);
  });

  it('comes in through the link of its invitation, without a password, once', async () => {
    const token = await invite(NINA.email);
    const visitor = createVisitor(server.url);
    const page = await visitor.get(`/invitation/${token}`);
    expect(page.text).toContain(`href="/sign-in/company?invitation=${token}"`);
    const joined = await comeIn(visitor, NINA, `?invitation=${token}`);
    expect(joined.location).toBe('/?done=joined');
    expect((await visitor.get('/')).text).toContain('Harbour Bakery');
    const person = await server.context.db.person.findUniqueOrThrow({
      where: { email: 'nina@example.com' },
      include: { memberships: true, identities: true },
    });
    expect(person).toMatchObject({ name: 'Nina New', passwordHash: null });
    expect(person.memberships).toMatchObject([{ role: 'editor', teamId: scene.owner.teamId }]);
    expect(person.identities).toMatchObject([{ subject: 'nina' }]);
    expect((await createVisitor(server.url).get(`/invitation/${token}`)).status).toBe(404);
    expect((await createVisitor(server.url).signIn({ email: NINA.email, password: '' })).status).toBe(401);

    const other = await addStranger({});
    expect((await comeIn(createVisitor(server.url), other, `?invitation=${token}`)).status).toBe(403);
  });

  it('does not come in by an invitation to another address', async () => {
    const token = await invite('somebody-else@example.com');
    expect((await comeIn(createVisitor(server.url), NINA, `?invitation=${token}`)).status).toBe(403);
    expect(await server.context.db.invitation.count({ where: { usedAt: null } })).toBe(1);
    expect(await server.context.db.person.count()).toBe(1);
  });

  it.each<[string, Partial<CompanyPerson>, string]>([
    ['unverified', { email_verified: false }, 'Your address is not verified'],
    ['not said to be verified', { email_verified: undefined as never }, 'Your address is not verified'],
    ['missing', { email: undefined as never }, 'Your address is missing'],
    ['of a foreign domain', { email: 'a@evil.example' }, 'This address cannot be used here'],
    ['of a domain that ends alike', { email: 'a@evil-example.com' }, 'This address cannot be used here'],
    [
      'of a domain that begins alike',
      { email: 'a@example.com.evil.example' },
      'This address cannot be used here',
    ],
    ['of a subdomain', { email: 'a@mail.example.com' }, 'This address cannot be used here'],
    ['with a comment', { email: 'a@evil.example(@example.com)' }, 'Your address is missing'],
    ['with two domains', { email: 'a@evil.example@example.com' }, 'Your address is missing'],
    ['quoted', { email: '"a@evil.example"@example.com' }, 'Your address is missing'],
    ['with a letter that only looks alike', { email: 'olivi\u0430@example.com' }, 'Your address is missing'],
    [
      'with a letter that lower-casing changes',
      { email: 'nic\u212A@example.com' },
      'Your address is missing',
    ],
    ['plus somebody', { email: 'olivia+x@example.com' }, 'Ask an owner to invite you'],
  ])('is refused when it is %s', async (_what, changes, title) => {
    const stranger = await addStranger(changes);
    const visitor = createVisitor(server.url);
    const refused = await comeIn(visitor, stranger);
    expect([refused.status, /<h1>([^<]*)/.exec(refused.text)?.[1]]).toEqual([403, title]);
    expect([await isSignedIn(visitor), await server.context.db.person.count()]).toEqual([false, 1]);
  });

  it('is compared in lower case, and its domain as it stands in DNS', async () => {
    const token = await invite('Nora@Example.com');
    const nora = await addStranger({ email: 'NORA@\uFF25xample.com' });
    expect((await comeIn(createVisitor(server.url), nora, `?invitation=${token}`)).location).toBe(
      '/?done=joined',
    );
    expect(await server.context.db.person.count({ where: { email: 'nora@example.com' } })).toBe(1);
  });
});

describe('an answer that is not what this browser asked for', () => {
  it('signs nobody in when it comes to another browser (login CSRF)', async () => {
    await link(OLIVIA);
    const attacker = createVisitor(server.url);
    const callback = await fetchCallback(attacker, OLIVIA);
    const victim = createVisitor(server.url);
    await victim.get('/sign-in');
    expect((await victim.get(callback)).status).toBe(401);
    await victim.get('/sign-in/company');
    expect((await victim.get(callback)).status).toBe(401);
    expect(await isSignedIn(victim)).toBe(false);
  });

  it('signs nobody in with the state of another sign-in of the same browser', async () => {
    await link(OLIVIA);
    const visitor = createVisitor(server.url);
    const [first, second] = [await fetchCallback(visitor, OLIVIA), await fetchCallback(visitor, OLIVIA)];
    const swapped = new URL(first, server.url);
    swapped.searchParams.set('state', new URL(second, server.url).searchParams.get('state')!);
    const answer = await visitor.get(swapped.pathname + swapped.search);
    expect([answer.status, await isSignedIn(visitor)]).toEqual([401, false]);
  });

  it('is taken from two tabs of one browser', async () => {
    await link(OLIVIA);
    const visitor = createVisitor(server.url);
    const [first, second] = [await fetchCallback(visitor, OLIVIA), await fetchCallback(visitor, OLIVIA)];
    expect((await visitor.get(first)).location).toBe('/');
    expect((await visitor.get(second)).location).toBe('/');
  });

  it('works once', async () => {
    await link(OLIVIA);
    const visitor = createVisitor(server.url);
    const callback = await fetchCallback(visitor, OLIVIA);
    const asked = company.requests.filter((request) => request === 'POST /token').length;
    const answers = await Promise.all(Array.from({ length: 5 }, () => visitor.get(callback)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 401, 401, 401, 401]);
    expect(company.requests.filter((request) => request === 'POST /token')).toHaveLength(asked + 1);
  });

  it('is too late after ten minutes', async () => {
    await link(OLIVIA);
    const visitor = createVisitor(server.url);
    const callback = await fetchCallback(visitor, OLIVIA);
    await moveTime(server.context, { seconds: 601 });
    const late = await visitor.get(callback);
    expect([late.status, late.text.includes('longer than ten minutes')]).toEqual([401, true]);
    expect(await isSignedIn(visitor)).toBe(false);
  });

  it.each([
    ['a foreign issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example')],
    ['no issuer', (url: URL) => url.searchParams.delete('iss')],
    ['two issuers', (url: URL) => url.searchParams.append('iss', 'https://evil.example')],
    ['another code', (url: URL) => url.searchParams.set('code', 'A'.repeat(43))],
    ['two codes', (url: URL) => url.searchParams.append('code', 'A'.repeat(43))],
    ['no state', (url: URL) => url.searchParams.delete('state')],
    ['two states', (url: URL) => url.searchParams.append('state', 'x')],
    ['an error', (url: URL) => url.searchParams.set('error', 'access_denied')],
    ['a token in it', (url: URL) => url.searchParams.set('id_token', 'x')],
  ])('is refused with %s', async (_what, change) => {
    await link(OLIVIA);
    const visitor = createVisitor(server.url);
    const url = new URL(await fetchCallback(visitor, OLIVIA), server.url);
    change(url);
    const answer = await visitor.get(url.pathname + url.search);
    expect([answer.status, await isSignedIn(visitor)]).toEqual([401, false]);
    expect(answer.text).toContain('name="password"');
  });

  it('is refused when the token has another nonce', async () => {
    await link(OLIVIA);
    const visitor = createVisitor(server.url);
    const leaving = new URL((await visitor.get('/sign-in/company')).location!);
    leaving.searchParams.set('nonce', 'of-another-sign-in');
    const callback = await company.answer(leaving.href, OLIVIA.sub);
    const answer = await visitor.get(callback.pathname + callback.search);
    expect([answer.status, await isSignedIn(visitor)]).toEqual([401, false]);
  });

  it('is refused when the code was asked for with another verifier', async () => {
    await link(OLIVIA);
    const visitor = createVisitor(server.url);
    const leaving = new URL((await visitor.get('/sign-in/company')).location!);
    leaving.searchParams.set('code_challenge', 'A'.repeat(43));
    const callback = await company.answer(leaving.href, OLIVIA.sub);
    const answer = await visitor.get(callback.pathname + callback.search);
    expect([answer.status, await isSignedIn(visitor)]).toEqual([401, false]);
  });

  it.each([
    ['another subject under the old signature', { sub: 'olivia' }],
    ['another audience', { aud: 'somebody-else' }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['an end in the past', { exp: 1 }],
  ])('is refused when the token has %s', async (_what, claims) => {
    await link(OLIVIA);
    const visitor = createVisitor(server.url);
    const callback = await fetchCallback(visitor, NINA);
    company.fault = { claims };
    const answer = await visitor.get(callback);
    expect([answer.status, await isSignedIn(visitor)]).toEqual([401, false]);
    expect(answer.text).toContain('could not be verified');
  });

  it('is refused when the code is over', async () => {
    await link(OLIVIA);
    const visitor = createVisitor(server.url);
    const callback = await fetchCallback(visitor, OLIVIA);
    company.expireCodes();
    const answer = await visitor.get(callback);
    expect([answer.status, answer.text.includes('took too long or was used already')]).toEqual([401, true]);
  });
});

describe('a provider that does not answer', () => {
  it('leaves the sign-in page working, says so, and is asked again at the next try', async () => {
    await using away = await startCompanyProvider({ people: [OLIVIA] });
    await using own = await startPagesServer(away.settings);
    away.register(own.url);
    await createScene(own.context);
    away.fault = 'unavailable';
    const visitor = createVisitor(own.url);
    const refused = await visitor.get('/sign-in/company?return_to=%2Fposts');
    expect([refused.status, refused.text.includes('does not answer right now')]).toEqual([503, true]);
    expect(refused.text).toContain('name="return_to" value="/posts"');
    expect((await visitor.signIn(OWNER)).status).toBe(303);
    away.fault = 'none';
    expect((await visitor.get('/sign-in/company')).status).toBe(303);
  });

  it('says so when it is gone between the leaving and the coming back', async () => {
    const visitor = createVisitor(server.url);
    const callback = await fetchCallback(visitor, OLIVIA);
    company.fault = 'unavailable';
    const refused = await visitor.get(callback);
    expect([refused.status, refused.text.includes('does not answer right now')]).toEqual([503, true]);
  });

  it('says which setting lets the server call an address of its own network', async () => {
    await using own = await startPagesServer({
      ...company.settings,
      OIDC_ISSUER: 'https://127.0.0.1:1/realm',
      ALLOW_PRIVATE_HOSTS: '',
    });
    const refused = await createVisitor(own.url).get('/sign-in/company');
    expect(refused.status).toBe(503);
    expect(refused.text).toContain('ALLOW_PRIVATE_HOSTS');
  });
});

describe('providers of other kinds', () => {
  const joinAt = async (own: PagesServer, other: CompanyProvider, person: CompanyPerson) => {
    const { owner } = await createScene(own.context);
    const { link: url } = await invitePerson(own.context, owner, { email: NINA.email, role: 'editor' });
    const token = new URL(url).pathname.split('/').at(-1)!;
    const visitor = createVisitor(own.url);
    const leaving = await visitor.get(`/sign-in/company?invitation=${token}`);
    const callback = await other.answer(leaving.location!, person.sub);
    return visitor.get(callback.pathname + callback.search);
  };

  it('a public client, with the address in the ID token', async () => {
    await using other = await startCompanyProvider({ people: [NINA], emailIn: 'id_token' });
    await using own = await startPagesServer(other.settings);
    other.register(own.url);
    expect((await joinAt(own, other, NINA)).location).toBe('/?done=joined');
    expect(other.requests).not.toContain('GET /me');
  });

  it('one that never says whether an address is verified counts only when the operator trusts it', async () => {
    const person = { sub: 'nina', email: NINA.email };
    await using other = await startCompanyProvider({ people: [person] });
    for (const [trust, status] of [
      ['false', 403],
      ['true', 303],
    ] as const) {
      await using own = await startPagesServer({ ...other.settings, OIDC_TRUST_EMAIL: trust });
      other.register(own.url);
      expect((await joinAt(own, other, person)).status).toBe(status);
    }
  });

  it('one that says an address is not verified is believed even when the operator trusts it', async () => {
    const person = { ...NINA, email_verified: false };
    await using other = await startCompanyProvider({ people: [person] });
    await using own = await startPagesServer({ ...other.settings, OIDC_TRUST_EMAIL: 'true' });
    other.register(own.url);
    expect((await joinAt(own, other, person)).status).toBe(403);
  });

  it('one that does not know this server says so to the operator', async () => {
    await using other = await startCompanyProvider({ people: [NINA], clientSecret: 'right' });
    await using own = await startPagesServer({ ...other.settings, OIDC_CLIENT_SECRET: 'wrong' });
    other.register(own.url);
    const refused = await joinAt(own, other, NINA);
    expect([refused.status, refused.text.includes('Tell the operator')]).toEqual([401, true]);
  });
});
