import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { printTarget } from '../bench/figures.ts';
import {
  registerClient,
  type OAuthClient,
  type ScriptedBrowser,
  type TokenAnswer,
} from '../support/oauth-client.ts';
import { faultCount, RACES_TIMEOUT_MS, runInLanes } from './fault-counts.ts';
import { startPairedApp, type PairedApp } from './paired-app.ts';
import { ageFamily, getCode, openFamily, readTokens } from './token-family.ts';

const AT_ONCE = 10;
const LANES = 4;
const RACES = faultCount({ full: 1000, short: 40 });

let app: PairedApp;
let client: OAuthClient;
const browsers: ScriptedBrowser[] = [];
beforeAll(async () => {
  app = await startPairedApp();
  client = await registerClient(app.origin);
  for (let lane = 0; lane < LANES; lane += 1) browsers.push(await app.openBrowser());
});
afterAll(() => app[Symbol.asyncDispose]());

async function isFamilyAlive(tokens: TokenAnswer): Promise<boolean> {
  if ((await app.judge(tokens.access_token)) === 'ok') return true;
  return (await client.refresh(tokens.refresh_token)).status === 200;
}

/** Ten at once redeem one code; later it is replayed. */
async function raceCode(browser: ScriptedBrowser) {
  const { request, code } = await getCode(client, browser);
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => client.exchange(code, request)));
  const winners = answers.filter(({ status }) => status === 200);
  expect(winners.length).toBeGreaterThan(0);
  const tokens = await readTokens(winners[0]!);
  const isUsable = (await app.judge(tokens.access_token)) === 'ok';
  await ageFamily(app.context, tokens.access_token, 11);
  expect((await client.exchange(code, request)).status).toBe(400);
  return { issues: winners.length, isUsable, isAliveAfterReplay: await isFamilyAlive(tokens) };
}

/** Ten at once present one refresh token; its successor is used; then the first one is replayed. */
async function raceRefresh(browser: ScriptedBrowser) {
  const { refresh_token: first } = await openFamily(client, browser);
  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, async () => readTokens(await client.refresh(first))),
  );
  const issued = new Set(answers.map((answer) => `${answer.access_token} ${answer.refresh_token}`));
  const isUsable = (await app.judge(answers[0]!.access_token)) === 'ok';
  const next = await readTokens(await client.refresh(answers[0]!.refresh_token));
  await ageFamily(app.context, next.access_token, 61);
  expect((await client.refresh(first)).status).toBe(400);
  return { issues: issued.size, isUsable, isAliveAfterReplay: await isFamilyAlive(next) };
}

describe('R10', () => {
  test(
    'of codes and refresh tokens that come ten at once none is issued for twice, and a real replay ends the family',
    { timeout: RACES_TIMEOUT_MS },
    async () => {
      let [doubles, unusable, alive] = [0, 0, 0];
      const free = [...browsers];
      await runInLanes(RACES, LANES, async (index) => {
        const browser = free.pop()!;
        const result = await (index % 2 === 0 ? raceCode(browser) : raceRefresh(browser));
        free.push(browser);
        doubles += result.issues - 1;
        unusable += result.isUsable ? 0 : 1;
        alive += result.isAliveAfterReplay ? 1 : 0;
      });
      const figure = `${doubles} double issues, ${alive} live families after a real replay, of ${RACES} races of ${AT_ONCE}`;
      const isMet = doubles === 0 && alive === 0 && unusable === 0;
      printTarget('R10', `${figure} (two servers, no random choices)`, '0 and 0 of 1,000', isMet);
      expect({ doubles, alive, unusable }).toEqual({ doubles: 0, alive: 0, unusable: 0 });
    },
  );
});
