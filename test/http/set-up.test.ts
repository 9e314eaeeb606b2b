import { expect, it } from 'vitest';

import { createFirstOwner, createSetupLink } from '../../server/teams/first-owner.ts';
import { startPagesServer } from './support/pages-server.ts';
import { OWNER } from './support/scene.ts';
import { createVisitor, csrfOf } from './support/visitor.ts';

const FIELDS = { name: 'Olivia Owner', teamName: 'Harbour Bakery', timeZone: 'Europe/Berlin', ...OWNER };

it('lets exactly one of ten browsers in by one link', async () => {
  await using server = await startPagesServer();
  const { pathname } = new URL((await createSetupLink(server.context))!);
  const visitors = Array.from({ length: 10 }, () => createVisitor(server.url));
  const forms = await Promise.all(visitors.map((visitor) => visitor.get(pathname)));
  const answers = await Promise.all(
    visitors.map((visitor, index) =>
      visitor.post(pathname, { ...FIELDS, csrf: csrfOf(forms[index]!.text), email: `o${index}@example.com` }),
    ),
  );
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 404)).toHaveLength(9);
  const winner = visitors[answers.findIndex(({ status }) => status === 303)]!;
  expect((await winner.get('/')).text).toContain('Harbour Bakery');
  expect(await server.context.db.person.count()).toBe(1);
  expect(await server.context.db.channel.findMany({ select: { network: true } })).toEqual([
    { network: 'playground' },
  ]);
  expect((await createVisitor(server.url).get(pathname)).status).toBe(404);
  expect(await createSetupLink(server.context)).toBeNull();
});

it('makes one owner when two processes start at once', async () => {
  await using server = await startPagesServer();
  const results = await Promise.allSettled(
    Array.from({ length: 4 }, () => createFirstOwner(server.context, OWNER)),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await server.context.db.team.count()).toBe(1);
});

it('refuses a link that is unknown or a day old, and the other link once there is an owner', async () => {
  await using server = await startPagesServer();
  const [old, other] = [(await createSetupLink(server.context))!, (await createSetupLink(server.context))!];
  await server.context.db.$executeRaw`update setup_link set created_at = created_at - interval '25 hours'`;
  const visitor = createVisitor(server.url);
  expect((await visitor.get(new URL(old).pathname)).status).toBe(404);
  expect((await visitor.get(`/set-up/${'A'.repeat(43)}`)).status).toBe(404);
  await server.context.db.$executeRaw`update setup_link set created_at = now()`;
  const form = new URL(other).pathname;
  const page = await visitor.get(form);
  await createFirstOwner(server.context, OWNER);
  const csrf = csrfOf(page.text);
  expect((await visitor.post(form, { csrf, ...FIELDS })).status).toBe(409);
  expect(await server.context.db.person.count()).toBe(1);
});

it('does no work for a link that is not good: no password is hashed, no form is shown', async () => {
  await using server = await startPagesServer();
  await createFirstOwner(server.context, OWNER);
  const visitor = createVisitor(server.url);
  const path = `/set-up/${'A'.repeat(43)}`;
  const answer = await visitor.submit('/sign-in', path, { ...FIELDS, password: 'short' });
  expect(answer.status).toBe(404);
  expect(answer.text).not.toContain('name="password"');
});

it.each([
  { field: 'email', value: 'not an address', message: 'This is not an email address' },
  { field: 'password', value: 'short', message: 'at least 10 characters' },
  { field: 'name', value: ' ', message: 'The name needs' },
  { field: 'teamName', value: '', message: 'The team name needs' },
  { field: 'timeZone', value: 'Mars/Olympus', message: 'This time zone is not known' },
])(
  'says what is wrong with $field, keeps the rest and does not use up the link',
  async ({ field, value, message }) => {
    await using server = await startPagesServer();
    const { pathname } = new URL((await createSetupLink(server.context))!);
    const visitor = createVisitor(server.url);
    const refused = await visitor.submit(pathname, pathname, { ...FIELDS, [field]: value });
    expect(refused.status).toBe(400);
    expect(refused.text.includes(message)).toBe(true);
    expect(refused.text).not.toContain(OWNER.password);
    expect((await visitor.submit(pathname, pathname, FIELDS)).status).toBe(303);
  },
);
