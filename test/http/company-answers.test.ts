import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { invitePerson } from '../../server/teams/invitations.ts';
import {
  startCompanyProvider,
  type CompanyPerson,
  type CompanyProvider,
} from '../support/company-provider.ts';
import { moveTime } from '../support/move-time.ts';
import { NINA, OLIVIA, startCompanyScene, type CompanyScene } from './support/company-scene.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { createScene, OWNER } from './support/scene.ts';
import { createVisitor } from './support/visitor.ts';

let begun: CompanyScene;
beforeAll(async () => {
  begun = await startCompanyScene();
});
beforeEach(() => begun.reset());
afterAll(() => begun[Symbol.asyncDispose]());

describe('an answer that is not what this browser asked for', () => {
  it('signs nobody in when it comes to another browser (login CSRF)', async () => {
    await begun.link(OLIVIA);
    const attacker = createVisitor(begun.server.url);
    const callback = await begun.fetchCallback(attacker, OLIVIA);
    const victim = createVisitor(begun.server.url);
    await victim.get('/sign-in');
    expect((await victim.get(callback)).status).toBe(401);
    await victim.get('/sign-in/company');
    expect((await victim.get(callback)).status).toBe(401);
    expect(await begun.isSignedIn(victim)).toBe(false);
  });

  it('signs nobody in with the state of another sign-in of the same browser', async () => {
    await begun.link(OLIVIA);
    const visitor = createVisitor(begun.server.url);
    const [first, second] = [
      await begun.fetchCallback(visitor, OLIVIA),
      await begun.fetchCallback(visitor, OLIVIA),
    ];
    const swapped = new URL(first, begun.server.url);
    swapped.searchParams.set('state', new URL(second, begun.server.url).searchParams.get('state')!);
    const answer = await visitor.get(swapped.pathname + swapped.search);
    expect([answer.status, await begun.isSignedIn(visitor)]).toEqual([401, false]);
  });

  it('is taken from two tabs of one browser', async () => {
    await begun.link(OLIVIA);
    const visitor = createVisitor(begun.server.url);
    const [first, second] = [
      await begun.fetchCallback(visitor, OLIVIA),
      await begun.fetchCallback(visitor, OLIVIA),
    ];
    expect((await visitor.get(first)).location).toBe('/');
    expect((await visitor.get(second)).location).toBe('/');
  });

  it('works once', async () => {
    await begun.link(OLIVIA);
    const visitor = createVisitor(begun.server.url);
    const callback = await begun.fetchCallback(visitor, OLIVIA);
    const asked = begun.company.requests.filter((request) => request === 'POST /token').length;
    const answers = await Promise.all(Array.from({ length: 5 }, () => visitor.get(callback)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 401, 401, 401, 401]);
    expect(begun.company.requests.filter((request) => request === 'POST /token')).toHaveLength(asked + 1);
  });

  it('is too late after ten minutes', async () => {
    await begun.link(OLIVIA);
    const visitor = createVisitor(begun.server.url);
    const callback = await begun.fetchCallback(visitor, OLIVIA);
    await moveTime(begun.server.context, { seconds: 601 });
    const late = await visitor.get(callback);
    expect([late.status, late.text.includes('longer than ten minutes')]).toEqual([401, true]);
    expect(await begun.isSignedIn(visitor)).toBe(false);
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
    await begun.link(OLIVIA);
    const visitor = createVisitor(begun.server.url);
    const url = new URL(await begun.fetchCallback(visitor, OLIVIA), begun.server.url);
    change(url);
    const answer = await visitor.get(url.pathname + url.search);
    expect([answer.status, await begun.isSignedIn(visitor)]).toEqual([401, false]);
    expect(answer.text).toContain('name="password"');
  });

  it('is refused when the token has another nonce', async () => {
    await begun.link(OLIVIA);
    const visitor = createVisitor(begun.server.url);
    const leaving = new URL((await visitor.get('/sign-in/company')).location!);
    leaving.searchParams.set('nonce', 'of-another-sign-in');
    const callback = await begun.company.answer(leaving.href, OLIVIA.sub);
    const answer = await visitor.get(callback.pathname + callback.search);
    expect([answer.status, await begun.isSignedIn(visitor)]).toEqual([401, false]);
  });

  it('is refused when the code was asked for with another verifier', async () => {
    await begun.link(OLIVIA);
    const visitor = createVisitor(begun.server.url);
    const leaving = new URL((await visitor.get('/sign-in/company')).location!);
    leaving.searchParams.set('code_challenge', 'A'.repeat(43));
    const callback = await begun.company.answer(leaving.href, OLIVIA.sub);
    const answer = await visitor.get(callback.pathname + callback.search);
    expect([answer.status, await begun.isSignedIn(visitor)]).toEqual([401, false]);
  });

  it.each([
    ['another subject under the old signature', { sub: 'olivia' }],
    ['another audience', { aud: 'somebody-else' }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['an end in the past', { exp: 1 }],
  ])('is refused when the token has %s', async (_what, claims) => {
    await begun.link(OLIVIA);
    const visitor = createVisitor(begun.server.url);
    const callback = await begun.fetchCallback(visitor, NINA);
    begun.company.fault = { claims };
    const answer = await visitor.get(callback);
    expect([answer.status, await begun.isSignedIn(visitor)]).toEqual([401, false]);
    expect(answer.text).toContain('could not be verified');
  });

  it('is refused when the code is over', async () => {
    await begun.link(OLIVIA);
    const visitor = createVisitor(begun.server.url);
    const callback = await begun.fetchCallback(visitor, OLIVIA);
    begun.company.expireCodes();
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
    const visitor = createVisitor(begun.server.url);
    const callback = await begun.fetchCallback(visitor, OLIVIA);
    begun.company.fault = 'unavailable';
    const refused = await visitor.get(callback);
    expect([refused.status, refused.text.includes('does not answer right now')]).toEqual([503, true]);
  });

  it('says which setting lets the server call an address of its own network', async () => {
    await using own = await startPagesServer({
      ...begun.company.settings,
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
