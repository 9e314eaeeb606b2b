import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { hashPassword } from '../../server/teams/passwords.ts';
import type { CompanyPerson } from '../support/company-provider.ts';
import { NINA, OLIVIA, startCompanyScene, stateOf, type CompanyScene } from './support/company-scene.ts';
import { startPagesServer } from './support/pages-server.ts';
import { createScene, OWNER, PASSWORD } from './support/scene.ts';
import { createVisitor } from './support/visitor.ts';

let begun: CompanyScene;
beforeAll(async () => {
  begun = await startCompanyScene();
});
beforeEach(() => begun.reset());
afterAll(() => begun[Symbol.asyncDispose]());

describe('the way to the provider', () => {
  it('asks with PKCE, state and nonce for the callback of this server', async () => {
    const visitor = createVisitor(begun.server.url);
    const { location, headers } = await visitor.get('/sign-in/company');
    const url = new URL(location!);
    expect(url.origin).toBe(begun.company.issuer);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'grantcast',
      response_type: 'code',
      redirect_uri: `${begun.server.url}/sign-in/company/callback`,
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
    const page = await createVisitor(begun.server.url).get('/sign-in?return_to=%2Fposts%3Fshow%3Ddrafts');
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
    await begun.link(OLIVIA);
    const visitor = createVisitor(begun.server.url);
    const back = await begun.comeIn(visitor, OLIVIA, `?return_to=${encodeURIComponent(returnTo)}`);
    expect([back.status, back.location]).toEqual([303, '/']);
  });

  it('leaves nothing in the database that would let a reader end it', async () => {
    const visitor = createVisitor(begun.server.url);
    const callback = new URL(await begun.fetchCallback(visitor, OLIVIA), begun.server.url);
    await visitor.get(callback.pathname + callback.search);
    const rows = await begun.server.context.db.$queryRaw<{ row: string }[]>`
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
    await begun.server.context.db.rateLimit.create({
      data: { key: 'company_sign_in:127.0.0.1', points: 300, expire: BigInt(Date.now() + 600_000) },
    });
    const refused = await createVisitor(begun.server.url).get('/sign-in/company');
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
  });
});

describe('an account that is there already', () => {
  it('is linked by its password once, and is entered without one from then on', async () => {
    const visitor = createVisitor(begun.server.url);
    const asked = await begun.comeIn(visitor, OLIVIA, '?return_to=%2Fcampaigns');
    expect(await begun.isSignedIn(visitor)).toBe(false);
    const page = await visitor.get(asked.location!);
    expect([page.status, page.text.includes('Link your company account')]).toEqual([200, true]);
    const state = stateOf(asked);
    const linked = await visitor.submit(asked.location!, '/sign-in/company/link', {
      state,
      password: PASSWORD,
    });
    expect([linked.status, linked.location]).toEqual([303, '/campaigns']);
    expect(await begun.isSignedIn(visitor)).toBe(true);

    const later = createVisitor(begun.server.url);
    const back = await begun.comeIn(later, OLIVIA, '?return_to=%2Fcampaigns');
    expect([back.status, back.location]).toEqual([303, '/campaigns']);
    expect(await begun.isSignedIn(later)).toBe(true);
    const { activity } = begun.server.context.db;
    const rows = await activity.findMany({ orderBy: { at: 'asc' }, take: -3 });
    expect(rows.map(({ action, detail }) => [action, detail])).toEqual([
      ['company_account.linked', { issuer: begun.company.issuer, email: OWNER.email }],
      ['person.signed_in', { by: 'company' }],
      ['person.signed_in', { by: 'company' }],
    ]);
    expect(await begun.server.context.db.externalIdentity.findMany()).toMatchObject([
      {
        issuer: begun.company.issuer,
        subject: 'olivia',
        personId: begun.scene.owner.personId,
        email: OWNER.email,
      },
    ]);
  });

  it('starts a session under a new id, so that a planted or older one is worth nothing', async () => {
    const visitor = await begun.link(OLIVIA);
    const first = visitor.cookies.get('grantcast_session')!;
    await begun.comeIn(visitor, OLIVIA);
    expect(visitor.cookies.get('grantcast_session')).not.toBe(first);
    const old = createVisitor(begun.server.url);
    old.cookies.set('grantcast_session', first);
    expect(await begun.isSignedIn(old)).toBe(false);
    const planted = createVisitor(begun.server.url);
    planted.cookies.set('grantcast_session', 'A'.repeat(43));
    await begun.comeIn(planted, OLIVIA);
    expect(planted.cookies.get('grantcast_session')).not.toBe('A'.repeat(43));
  });

  it('is not linked without the password, with a wrong one, or with one that comes twice', async () => {
    const visitor = createVisitor(begun.server.url);
    const asked = await begun.comeIn(visitor, OLIVIA);
    const state = stateOf(asked);
    for (const password of ['', 'not the password']) {
      const refused = await visitor.submit(asked.location!, '/sign-in/company/link', { state, password });
      expect([refused.status, refused.text.includes('The password is not right')]).toEqual([401, true]);
    }
    expect(await begun.isSignedIn(visitor)).toBe(false);
    expect(await begun.server.context.db.externalIdentity.findMany()).toEqual([]);
    const right = { state, password: PASSWORD };
    expect((await visitor.submit(asked.location!, '/sign-in/company/link', right)).status).toBe(303);
    await begun.server.context.db.externalIdentity.deleteMany();
    const csrf = (await visitor.get('/account')).text;
    expect(csrf).toContain('Your account');
    expect((await visitor.submit('/account', '/sign-in/company/link', right)).status).toBe(401);
    expect(await begun.server.context.db.externalIdentity.findMany()).toEqual([]);
  });

  it('is not linked in another browser than the one that came back from the provider', async () => {
    const visitor = createVisitor(begun.server.url);
    const asked = await begun.comeIn(visitor, OLIVIA);
    const state = stateOf(asked);
    const other = createVisitor(begun.server.url);
    await other.get('/sign-in/company');
    expect((await other.get(asked.location!)).status).toBe(401);
    const tried = await other.submit('/sign-in', '/sign-in/company/link', { state, password: PASSWORD });
    expect(tried.status).toBe(401);
    expect(await begun.server.context.db.externalIdentity.findMany()).toEqual([]);
  });

  it('asks for the password for ten minutes', async () => {
    const visitor = createVisitor(begun.server.url);
    const asked = await begun.comeIn(visitor, OLIVIA);
    expect((await visitor.get(asked.location!)).status).toBe(200);
    await begun.server.context.db
      .$executeRaw`update company_sign_in set returned_at = returned_at - interval '11 minutes'`;
    expect((await visitor.get(asked.location!)).status).toBe(401);
  });

  it('counts wrong passwords with those of the sign-in page', async () => {
    const visitor = createVisitor(begun.server.url);
    const asked = await begun.comeIn(visitor, OLIVIA);
    const state = stateOf(asked);
    const statuses = [];
    for (let round = 0; round < 11; round += 1) {
      const fields = { state, password: 'wrong' };
      statuses.push((await visitor.submit(asked.location!, '/sign-in/company/link', fields)).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    expect((await visitor.signIn(OWNER)).status).toBe(429);
  });

  it('is known by issuer and subject alone: a new address at the provider changes nothing', async () => {
    await begun.link(OLIVIA);
    const { email } = OLIVIA;
    OLIVIA.email = 'married@elsewhere.example';
    const visitor = createVisitor(begun.server.url);
    await begun.comeIn(visitor, OLIVIA);
    OLIVIA.email = email;
    expect((await visitor.get('/account')).text).toContain(OWNER.email);
    const rows = await begun.server.context.db.person.findMany({ select: { email: true } });
    expect(rows).toEqual([{ email: OWNER.email }]);
  });

  it('is not entered by another subject with the same address', async () => {
    await begun.link(OLIVIA);
    const second = begun.addStranger({ sub: 'olivia-two', email: OWNER.email });
    const visitor = createVisitor(begun.server.url);
    const asked = await begun.comeIn(visitor, second);
    expect(asked.location).toMatch(/^\/sign-in\/company\/link/);
    expect(await begun.isSignedIn(visitor)).toBe(false);

    await begun.server.context.db.person.update({
      where: { email: OWNER.email },
      data: { passwordHash: null },
    });
    const refused = await begun.comeIn(createVisitor(begun.server.url), second);
    const passwordHash = await hashPassword(PASSWORD);
    await begun.server.context.db.person.update({ where: { email: OWNER.email }, data: { passwordHash } });
    expect([refused.status, refused.text.includes('Another company account is linked')]).toEqual([403, true]);
    expect(await begun.server.context.db.externalIdentity.findMany()).toHaveLength(1);
  });

  it('is not entered while it is switched off, linked or not', async () => {
    await begun.link(OLIVIA);
    await begun.server.context.db.person.update({
      where: { email: OWNER.email },
      data: { disabledAt: new Date() },
    });
    const linked = createVisitor(begun.server.url);
    expect((await begun.comeIn(linked, OLIVIA)).status).toBe(403);
    await begun.server.context.db.externalIdentity.deleteMany();
    const unlinked = createVisitor(begun.server.url);
    expect((await begun.comeIn(unlinked, OLIVIA)).status).toBe(403);
    await begun.server.context.db.person.update({
      where: { email: OWNER.email },
      data: { disabledAt: null },
    });
    expect([await begun.isSignedIn(linked), await begun.isSignedIn(unlinked)]).toEqual([false, false]);
  });
});

describe('an address that nobody has', () => {
  it('is sent to an owner, and makes no account', async () => {
    const visitor = createVisitor(begun.server.url);
    const refused = await begun.comeIn(visitor, NINA);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('Ask an owner to invite you');
    expect(refused.text).toContain('nina@example.com');
    expect([await begun.isSignedIn(visitor), await begun.server.context.db.person.count()]).toEqual([
      false,
      1,
    ]);
  });

  it('is not let in by an invitation whose link was not opened', async () => {
    await begun.invite(NINA.email);
    expect((await begun.comeIn(createVisitor(begun.server.url), NINA)).status).toBe(403);
    expect(await begun.server.context.db.person.count()).toBe(1);
  });

  it('comes in through the link of its invitation, without a password, once', async () => {
    const token = await begun.invite(NINA.email);
    const visitor = createVisitor(begun.server.url);
    const page = await visitor.get(`/invitation/${token}`);
    expect(page.text).toContain(`href="/sign-in/company?invitation=${token}"`);
    const joined = await begun.comeIn(visitor, NINA, `?invitation=${token}`);
    expect(joined.location).toBe('/?done=joined');
    expect((await visitor.get('/')).text).toContain('Harbour Bakery');
    const person = await begun.server.context.db.person.findUniqueOrThrow({
      where: { email: 'nina@example.com' },
      include: { memberships: true, identities: true },
    });
    expect(person).toMatchObject({ name: 'Nina New', passwordHash: null });
    expect(person.memberships).toMatchObject([{ role: 'editor', teamId: begun.scene.owner.teamId }]);
    expect(person.identities).toMatchObject([{ subject: 'nina' }]);
    expect((await createVisitor(begun.server.url).get(`/invitation/${token}`)).status).toBe(404);
    expect((await createVisitor(begun.server.url).signIn({ email: NINA.email, password: '' })).status).toBe(
      401,
    );

    const other = begun.addStranger({});
    expect((await begun.comeIn(createVisitor(begun.server.url), other, `?invitation=${token}`)).status).toBe(
      403,
    );
  });

  it('does not come in by an invitation to another address', async () => {
    const token = await begun.invite('somebody-else@example.com');
    expect((await begun.comeIn(createVisitor(begun.server.url), NINA, `?invitation=${token}`)).status).toBe(
      403,
    );
    expect(await begun.server.context.db.invitation.count({ where: { usedAt: null } })).toBe(1);
    expect(await begun.server.context.db.person.count()).toBe(1);
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
    const stranger = begun.addStranger(changes);
    const visitor = createVisitor(begun.server.url);
    const refused = await begun.comeIn(visitor, stranger);
    expect([refused.status, /<h1>([^<]*)/.exec(refused.text)?.[1]]).toEqual([403, title]);
    expect([await begun.isSignedIn(visitor), await begun.server.context.db.person.count()]).toEqual([
      false,
      1,
    ]);
  });

  it('is compared in lower case, and its domain as it stands in DNS', async () => {
    const token = await begun.invite('Nora@Example.com');
    const nora = begun.addStranger({ email: 'NORA@\uFF25xample.com' });
    expect((await begun.comeIn(createVisitor(begun.server.url), nora, `?invitation=${token}`)).location).toBe(
      '/?done=joined',
    );
    expect(await begun.server.context.db.person.count({ where: { email: 'nora@example.com' } })).toBe(1);
  });
});
