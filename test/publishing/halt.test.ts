import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import path from 'node:path';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { openTestContext } from '../support/test-context.ts';
import { createPublishingTeam, readDelivery, scheduleTestDelivery, type PublishingTeam } from './fixtures.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const SINCE = /since \d{4}-\d\d-\d\dT[\d:.]+Z/;

let context: Context;
let teams: PublishingTeam[];

beforeAll(async () => {
  context = await openTestContext();
  teams = [await createPublishingTeam(context), await createPublishingTeam(context)];
});
beforeEach(() => context.db.killSwitch.deleteMany());
afterAll(() => context[Symbol.asyncDispose]());

interface Printed {
  code: number;
  out: string;
  problem: string;
}

/** `npm run halt -- WORDS`, as whoever runs the server does it. */
async function halt(words: string[], databaseUrl = context.config.databaseUrl): Promise<Printed> {
  const env = { PATH: process.env['PATH'], DATA_DIR: context.config.dataDir, DATABASE_URL: databaseUrl };
  const args = ['--disable-warning=ExperimentalWarning', 'server/halt/main.ts', ...words];
  return promisify(execFile)(process.execPath, args, { cwd: ROOT, env }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, problem: stderr }),
    ({ code, stdout, stderr }) => ({ code, out: stdout, problem: stderr }),
  );
}

const lines = ({ code, out, problem }: Printed) => {
  expect({ code, problem }).toEqual({ code: 0, problem: '' });
  return out.trimEnd().replace(SINCE, 'since then').split('\n');
};

test('it says what it did and what is stopped, and every team has it in its activity', async () => {
  expect(lines(await halt([]))).toEqual(['Nothing is stopped for the whole server.']);
  expect(lines(await halt(['everything', 'Somebody', 'broke', 'in.']))).toEqual([
    'Stopped. What is being sent at this moment goes through; what is due from now on is held.',
    'everything is stopped since then: Somebody broke in.',
  ]);
  const deliveries = await Promise.all(teams.map((team) => scheduleTestDelivery(context, team)));
  for (const { id } of deliveries) {
    await publishDelivery(context, id);
    expect(await readDelivery(context, id)).toMatchObject({
      ...{ state: 'held', problemCode: 'publishing_stopped', attempts: [] },
      problemMessage: 'Publishing is stopped. The post is held until it goes on. Somebody broke in.',
    });
  }
  expect(lines(await halt(['lift', 'everything']))).toEqual([
    'Lifted. 2 held posts go on.',
    'Nothing is stopped for the whole server.',
  ]);
  for (const { id } of deliveries) {
    await publishDelivery(context, id);
    expect(await readDelivery(context, id)).toMatchObject({ state: 'published' });
  }
  for (const { team } of teams) {
    const of = { teamId: team.id, action: { startsWith: 'publishing.' } };
    const rows = await context.db.activity.findMany({ where: of, orderBy: { id: 'asc' } });
    expect(rows.map(({ actor, action }) => [actor, action])).toEqual([
      ['system', 'publishing.stopped'],
      ['system', 'publishing.resumed'],
    ]);
  }
});

test('a network is stopped by its name, and the others go on', async () => {
  const [team] = teams;
  expect(lines(await halt(['network', 'x', 'It is down.'])).at(-1)).toBe(
    'network x is stopped since then: It is down.',
  );
  const { id } = await scheduleTestDelivery(context, team!);
  await publishDelivery(context, id);
  expect(await readDelivery(context, id)).toMatchObject({ state: 'published' });
  expect(lines(await halt(['lift', 'network', 'x']))[0]).toBe('Lifted. 0 held posts go on.');
});

test.each([
  ['no reason', ['everything'], 'npm run halt -- everything REASON'],
  ['a network that there is not', ['network', 'nowhere', 'Why not'], 'npm run halt -- network NAME REASON'],
  ['what is not stopped', ['lift', 'everything'], 'That is not stopped for the whole server.'],
])('%s is refused, and nothing is stopped', async (_, words, says) => {
  const printed = await halt(words);
  expect(printed).toMatchObject({ code: 1, out: '' });
  expect(printed.problem).toContain(says);
  expect(await context.db.killSwitch.count()).toBe(0);
});

test('what is stopped already stays so, and keeps its reason', async () => {
  await halt(['everything', 'First']);
  expect(await halt(['everything', 'Second'])).toMatchObject({
    code: 1,
    problem: 'That is stopped already.\n',
  });
  expect(lines(await halt([]))).toEqual(['everything is stopped since then: First']);
});

test('without a database it says what is missing and what to do', async () => {
  const { code, problem } = await halt([], '');
  expect(code).toBe(1);
  expect(problem).toMatch(
    /^There is no DATABASE_URL, and no server is running on .+\. Set DATABASE_URL .+ run npm start with WORKERS=none first\.\n$/,
  );
});
