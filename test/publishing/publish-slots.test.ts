import { expect, test } from 'vitest';

import { createPublishSlots, type PublishInSlot } from '../../workers/publish-slots.ts';

/** Slots in which each piece of work lasts until the test ends it; `next` is then what waits on the same channel. */
function openSlots(limits: { slots: number; slotsOfTeam: number }) {
  const begun: string[] = [];
  const ends = new Map<string, (next: string | null) => void>();
  const publish: PublishInSlot = async (first, handOver) => {
    for (let id: string | null = first; id !== null;) {
      begun.push(id);
      const { promise, resolve } = Promise.withResolvers<string | null>();
      ends.set(id, resolve);
      id = await promise;
      if (id !== null && handOver(id)) return;
    }
  };
  const slots = createPublishSlots(publish, limits);
  const add = (teamId: string, ...ids: string[]) => {
    slots.add(ids.map((deliveryId) => ({ teamId, deliveryId })));
  };
  const end = async (id: string, next: string | null = null) => {
    ends.get(id)!(next);
    await new Promise(setImmediate);
  };
  return { slots, begun, add, end };
}

test('a team holds its share and no more, and what is over it ends nobody and holds nothing', async () => {
  const { slots, begun, add, end } = openSlots({ slots: 4, slotsOfTeam: 2 });
  add('slow', 's1', 's2', 's3');
  await slots.run({ teamId: 'slow', deliveryId: 's4' });
  expect(begun).toEqual(['s1', 's2']);
  add('other', 'o1');
  expect(begun).toEqual(['s1', 's2', 'o1']);
  await end('s2');
  expect(begun).toEqual(['s1', 's2', 'o1', 's3']);
});

test('of those that wait, the team with the fewest slots goes first, and each in its turn', async () => {
  const { begun, add, end } = openSlots({ slots: 2, slotsOfTeam: 2 });
  add('a', 'a1', 'a2', 'a3', 'a4');
  add('b', 'b1', 'b2');
  add('c', 'c1', 'c2');
  for (const id of ['a1', 'b1', 'a2', 'c1', 'b2']) await end(id);
  expect(begun).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'c2']);
});

test('a channel with a backlog keeps its slot while nothing waits, and gives it to what does', async () => {
  const { begun, add, end } = openSlots({ slots: 2, slotsOfTeam: 1 });
  add('a', 'x1');
  await end('x1', 'x2');
  add('a', 'y1');
  await end('x2', 'x3');
  await end('y1');
  expect(begun).toEqual(['x1', 'x2', 'y1', 'x3']);
});

test('a hint ends with the work that it began, and after a stop nothing begins', async () => {
  const { slots, begun, add, end } = openSlots({ slots: 2, slotsOfTeam: 1 });
  const done: string[] = [];
  void slots.run({ teamId: 'a', deliveryId: 'x' }).then(() => done.push('x'));
  add('a', 'y');
  await end('x');
  expect(done).toEqual(['x']);
  add('a', 'z');
  const stopped = slots.stop();
  await end('y');
  await stopped;
  expect(begun).toEqual(['x', 'y']);
});

test('a hint that finds every slot taken waits for one, and one of a team with its share does not', async () => {
  const { slots, begun, add, end } = openSlots({ slots: 2, slotsOfTeam: 1 });
  const ended: string[] = [];
  const run = (teamId: string, deliveryId: string) =>
    void slots.run({ teamId, deliveryId }).then(() => ended.push(deliveryId));
  add('a', 'a1');
  run('a', 'a2');
  await new Promise(setImmediate);
  expect(ended).toEqual(['a2']);
  add('b', 'b1');
  run('c', 'c1');
  await new Promise(setImmediate);
  expect([begun, ended]).toEqual([['a1', 'b1'], ['a2']]);
  await end('b1');
  expect([begun, ended]).toEqual([
    ['a1', 'b1', 'c1'],
    ['a2', 'c1'],
  ]);
});
