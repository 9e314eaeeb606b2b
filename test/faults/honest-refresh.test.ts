import { afterAll, beforeAll, expect, test } from 'vitest';

import { printTarget } from '../bench/figures.ts';
import { registerClient, type OAuthClient, type TokenAnswer } from '../support/oauth-client.ts';
import { createRandom, faultCount, faultSeed, RACES_TIMEOUT_MS, runInLanes } from './fault-counts.ts';
import { startPairedApp, type PairedApp } from './paired-app.ts';
import { ageFamily, openFamily, readTokens } from './token-family.ts';

const SEED = faultSeed(20_261_121);
const LANES = 4;
const PER_FAMILY = 20;
const TIMES = faultCount({ full: 1000, short: 80 });

let app: PairedApp;
let client: OAuthClient;
beforeAll(async () => {
  app = await startPairedApp();
  client = await registerClient(app.origin);
});
afterAll(() => app[Symbol.asyncDispose]());

/** What the client holds now; every mishap leaves it with what it holds afterwards. */
type Mishap = (held: TokenAnswer, random: () => number) => Promise<TokenAnswer>;

const refresh = async (token: string) => readTokens(await client.refresh(token));
const age = (tokens: TokenAnswer, seconds: number) => ageFamily(app.context, tokens.access_token, seconds);

function expectOne(answers: readonly TokenAnswer[]): TokenAnswer {
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  return answers[0]!;
}

/** The request is sent, and whoever sent it hears nothing: cut at a time that the answer may precede. */
async function loseAnswer(token: string, random: () => number): Promise<void> {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: token,
    client_id: client.clientId,
  });
  const answer = fetch(`${app.origin}/token`, {
    method: 'POST',
    body,
    signal: AbortSignal.timeout(1 + Math.floor(random() * 12)),
  });
  await answer.then((response) => response.text()).catch(() => undefined);
}

const MISHAPS: Readonly<Record<string, Mishap>> = {
  async 'the request is sent again'(held, random) {
    const first = await refresh(held.refresh_token);
    await age(first, random() * 50);
    return expectOne([first, await refresh(held.refresh_token), await refresh(held.refresh_token)]);
  },
  async 'windows refresh at once'(held, random) {
    const windows = 2 + Math.floor(random() * 4);
    return expectOne(await Promise.all(Array.from({ length: windows }, () => refresh(held.refresh_token))));
  },
  async 'one window is a few rotations ahead of another'(held) {
    const ahead = [await refresh(held.refresh_token)];
    for (let rotation = 0; rotation < 3; rotation += 1)
      ahead.push(await refresh(ahead.at(-1)!.refresh_token));
    let behind = held;
    for (const answer of ahead) {
      behind = await refresh(behind.refresh_token);
      expect(behind).toEqual(answer);
    }
    return behind;
  },
  async 'the answer is lost, and asked for again at once'(held, random) {
    await loseAnswer(held.refresh_token, random);
    return refresh(held.refresh_token);
  },
  async 'the answer is lost, and asked for again much later'(held, random) {
    const times = 1 + Math.floor(random() * 3);
    for (let time = 0; time < times; time += 1) {
      await loseAnswer(held.refresh_token, random);
      await age(held, 61 + random() * 86_400);
    }
    return refresh(held.refresh_token);
  },
};

test(
  'R11: an honest client that refreshes twice never has to sign in again',
  { timeout: RACES_TIMEOUT_MS },
  async () => {
    const names = Object.keys(MISHAPS);
    const counts = new Map(names.map((name) => [name, 0]));
    const problems: string[] = [];
    await runInLanes(TIMES / PER_FAMILY, LANES, async (family) => {
      const random = createRandom(SEED + family);
      const browser = await app.openBrowser();
      let held = await openFamily(client, browser);
      for (let time = 0; time < PER_FAMILY; time += 1) {
        const name = names[Math.floor(random() * names.length)]!;
        counts.set(name, counts.get(name)! + 1);
        try {
          held = await MISHAPS[name]!(held, random);
          if ((await app.judge(held.access_token)) !== 'ok') throw new Error('the access token is refused');
        } catch (error) {
          problems.push(`${name}: ${String(error)}`);
          held = await openFamily(client, browser);
        }
      }
    });
    const kinds = [...counts].map(([name, count]) => `${count} x ${name}`).join(', ');
    process.stdout.write(`R11: ${kinds}\n`);
    const figure = `${problems.length} forced sign-ins of ${TIMES} (two servers, seed ${SEED})`;
    printTarget('R11', figure, '0 of 1,000', problems.length === 0);
    expect(problems).toEqual([]);
  },
);
