import { expect, test } from 'vitest';

import { startFakeMastodon } from '../support/fakes/mastodon/fake-mastodon.ts';
import { caught, openAccount, pictureOf } from './mastodon-calls.ts';

const TEXTS = [
  'Plain',
  'A & B < C > "D" \'E\' &amp; &lt;b&gt;',
  'One\nTwo\n\nThree\n\n\n\nFour',
  'Look: https://www.example.com/a/very/long/path/that/is/shown/in/pieces?q=1&r=2#x, and #hashtags_too',
  'Hi @bob@other.example and @carol@mastodon.social!',
  '👩‍👩‍👧‍👦 cafe\u0301 …',
];

test.each(TEXTS)('a post is found again by its text: %j', async (text) => {
  await using fake = await startFakeMastodon();
  const { network, callOf } = openAccount(fake, fake.addAccount('alice'));
  const sent = await network.send(callOf({ text }));
  await network.send(callOf({ text: 'Another', key: 'other' }));
  expect(await network.readBack(callOf({ text }))).toEqual(sent);
  expect(await network.readBack(callOf({ text: `${text} or so` }))).toBeNull();
});

test('a post of before, of another account, with other pictures or in another place is not ours', async () => {
  await using fake = await startFakeMastodon();
  const alice = fake.addAccount('alice');
  const { network, callOf } = openAccount(fake, alice);
  const bob = openAccount(fake, fake.addAccount('bob'));
  await bob.network.send(bob.callOf());
  const parent = await network.send(callOf());
  expect(await network.readBack(callOf({ frozenAt: new Date(Date.now() + 120_000) }))).toBeNull();
  expect(await network.readBack(callOf({ earlier: [parent] }))).toBeNull();
  const prepared = await network.prepare(callOf({ media: [pictureOf('a')] }));
  expect(await network.readBack(callOf({ prepared }))).toBeNull();
});

test('two posts that look alike are never adopted; their own pictures tell them apart', async () => {
  await using fake = await startFakeMastodon();
  const { network, callOf } = openAccount(fake, fake.addAccount('alice'));
  await network.send(callOf());
  await network.send(callOf({ key: 'other' }));
  const failure = await caught(network.readBack(callOf()));
  expect(failure).toMatchObject({ kind: 'rejected', code: 'several_match' });
  const [one, two] = [
    await network.prepare(callOf({ media: [pictureOf('a')] })),
    await network.prepare(callOf({ media: [pictureOf('a')] })),
  ];
  await network.send(callOf({ key: 'one', prepared: one }));
  const second = await network.send(callOf({ key: 'two', prepared: two }));
  expect(await network.readBack(callOf({ prepared: two }))).toEqual(second);
});

test('a post that is known to be another is not ours, whatever it says', async () => {
  await using fake = await startFakeMastodon();
  const { network, callOf } = openAccount(fake, fake.addAccount('alice'));
  const other = await network.send(callOf({ key: 'other' }));
  const known = new Set([other.remoteId]);
  expect(await network.readBack({ ...callOf(), known })).toBeNull();
  const sent = await network.send(callOf());
  expect(await network.readBack({ ...callOf(), known })).toEqual(sent);
});

test('it is found under many later posts, and where it cannot be looked through nobody says that it is not there', async () => {
  await using fake = await startFakeMastodon();
  const alice = fake.addAccount('alice');
  const { network, callOf } = openAccount(fake, alice);
  const sent = await network.send(callOf());
  const template = fake.state.statuses[0]!;
  const addPosts = (count: number) => {
    for (let n = 0; n < count; n += 1) {
      fake.state.statuses.push({ ...template, id: fake.state.newId(), text: `Post ${n}` });
    }
  };
  addPosts(100);
  expect(await network.readBack(callOf())).toEqual(sent);
  addPosts(200);
  expect(await caught(network.readBack(callOf()))).toMatchObject({ kind: 'ambiguous' });
});
