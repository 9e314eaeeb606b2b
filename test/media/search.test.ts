import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { listMedia } from '../../server/media/list-media.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';

const COUNT = 700;
/** The oldest is three years older than the newest, so that no quarter has all of them. */
const HOURS_APART = 37;
const NEWEST_AT = Date.UTC(2026, 9, 31, 23, 30);

interface Picture {
  id: string;
  filename: string;
  altText: string | null;
  tags: string[];
  mimeType: string;
  createdAt: Date;
}

let context: Context;
let owner: TestOwner;
let pictures: Picture[];

beforeAll(async () => {
  context = await openTestContext();
  owner = await createOwner(context);
  pictures = await addPictures(owner);
  await addPictures(await createOwner(context));
});

afterAll(async () => context[Symbol.asyncDispose]());

async function addPictures({ team, person }: TestOwner): Promise<Picture[]> {
  const made = Array.from({ length: COUNT }, (_, index) => ({
    id: newId('media'),
    filename: `picture-${index}.jpg`,
    altText:
      index % 5 === 0 ? null : `A chart of week ${COUNT - index}${index === 650 ? ', 100%_ ÄRGER 🎈' : ''}`,
    tags: index % 300 === 299 ? ['Summer', 'a'] : ['chart'],
    mimeType: index % 3 === 0 ? 'image/png' : 'image/jpeg',
    // Two at a time.
    createdAt: new Date(NEWEST_AT - Math.floor(index / 2) * HOURS_APART * 2 * 3_600_000),
  }));
  const hash = new Uint8Array(32);
  const file = { width: 1, height: 1, byteCount: 1, storageKey: 'x', contentHash: hash, originHash: hash };
  const rest = { teamId: team.id, createdByPersonId: person.id, state: 'ready', source: 'url', ...file };
  await context.db.media.createMany({ data: made.map((picture) => ({ ...picture, ...rest })) });
  return made.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1));
}

const has = (text: string | null, query: string) =>
  text?.toLowerCase().includes(query.toLowerCase()) ?? false;

test.each([
  ['what all match', 'chart'],
  ['what only old ones match', 'week 1'],
  ['what one matches', 'picture-699'],
  ['what none matches', 'nothing is called this'],
  ['tags', 'SUMMER'],
  ['letters that are patterns elsewhere', '100%_'],
  ['letters with another upper case', 'ärger'],
  ['two letters', 'um'],
  ['one letter', '🎈'],
  ['the end of one word and the beginning of another', 'chart of'],
])('a search for %s finds the same as reading every picture: %s', async (_, query) => {
  for (const type of [undefined, 'png'] as const) {
    const expected = pictures.filter(
      ({ filename, altText, tags, mimeType }) =>
        [filename, altText, ...tags].some((text) => has(text, query)) &&
        (!type || mimeType === `image/${type}`),
    );
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listMedia(context, owner.caller, { query, type, limit: 50, cursor });
      found.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(found).toEqual(expected.map(({ id }) => id));
  }
});
