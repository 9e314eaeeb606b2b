import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { moveTime } from '../support/move-time.ts';
import {
  connectClient,
  type ConnectedClient,
  type ScriptedBrowser,
  type TokenAnswer,
} from '../support/oauth-client.ts';
import { startPairedApp, type PairedApp } from '../faults/paired-app.ts';

/** Two servers on one database answer by turns, so that what holds here holds between processes. */
let app: PairedApp;
let browser: ScriptedBrowser;
beforeAll(async () => {
  app = await startPairedApp();
});
beforeEach(async () => {
  browser = await app.openBrowser();
});
afterAll(() => app[Symbol.asyncDispose]());

/** The client and the thief hold the same refresh token; neither knows of the other. */
interface Scene {
  client: ConnectedClient;
  first: string;
  refresh(token: string): Promise<TokenAnswer | null>;
}

async function openScene(): Promise<Scene> {
  const client = await connectClient(app.origin, browser);
  return {
    client,
    first: client.tokens.refresh_token,
    async refresh(token) {
      const response = await client.refresh(token);
      const answer = (await response.json()) as TokenAnswer & { error?: string };
      if (response.status === 200) return answer;
      expect([response.status, answer.error]).toEqual([400, 'invalid_grant']);
      return null;
    },
  };
}

async function connectionOf({ client }: Scene) {
  return app.context.db.connection.findFirstOrThrow({
    where: { clientId: client.clientId },
    include: { families: true, activities: true },
  });
}

/** Nobody holds anything that works, the connection is there, and it is on record. */
async function expectFamilyEnded(scene: Scene, tokens: readonly (TokenAnswer | null)[]): Promise<void> {
  for (const answer of tokens) {
    if (!answer) continue;
    expect(await app.judge(answer.access_token)).toBe('invalid');
    expect(await scene.refresh(answer.refresh_token)).toBeNull();
  }
  const { families, revokedAt, suspectSince, activities } = await connectionOf(scene);
  expect([families, revokedAt]).toEqual([[], null]);
  expect(suspectSince).toBeInstanceOf(Date);
  expect(activities.map(({ action }) => action)).toContain('connection.refresh_replayed');
}

const GAPS = [
  ['two minutes', { seconds: 120 }],
  ['an hour', { hours: 1 }],
  ['a day', { days: 1 }],
  ['a week', { days: 7 }],
  ['29 days', { days: 29 }],
] as const;

describe.each(GAPS)('a stolen refresh token, %s later', (_, gap) => {
  it('is used by the thief first: the client’s next refresh ends both', async () => {
    const scene = await openScene();
    const thief = await scene.refresh(scene.first);
    const again = await scene.refresh(thief!.refresh_token);
    await moveTime(app.context, gap);
    expect(await scene.refresh(scene.first)).toBeNull();
    await expectFamilyEnded(scene, [thief, again]);
  });

  it('is used by the client first: the thief gets nothing, and the client has to sign in again', async () => {
    const scene = await openScene();
    const client = await scene.refresh(scene.first);
    const again = await scene.refresh(client!.refresh_token);
    await moveTime(app.context, gap);
    expect(await scene.refresh(scene.first)).toBeNull();
    await expectFamilyEnded(scene, [client, again]);
  });

  it('is used by the thief once, and by the client once: whoever comes next with the void one ends both', async () => {
    const scene = await openScene();
    const thief = await scene.refresh(scene.first);
    await moveTime(app.context, gap);
    const client = await scene.refresh(scene.first);
    expect(client!.refresh_token).not.toBe(thief!.refresh_token);
    expect(await scene.refresh(thief!.refresh_token)).toBeNull();
    await expectFamilyEnded(scene, [thief, client]);
  });

  it('the same, when the client goes on and the thief comes with the void one after', async () => {
    const scene = await openScene();
    const thief = await scene.refresh(scene.first);
    await moveTime(app.context, gap);
    const client = await scene.refresh(scene.first);
    const next = await scene.refresh(client!.refresh_token);
    expect(await scene.refresh(thief!.refresh_token)).toBeNull();
    await expectFamilyEnded(scene, [thief, client, next]);
  });

  it('is an old one, of several rotations ago: it ends the family', async () => {
    const scene = await openScene();
    const answers: (TokenAnswer | null)[] = [];
    let token = scene.first;
    for (let rotation = 0; rotation < 4; rotation += 1) {
      answers.push(await scene.refresh(token));
      token = answers.at(-1)!.refresh_token;
    }
    await moveTime(app.context, gap);
    expect(await scene.refresh(answers[1]!.refresh_token)).toBeNull();
    await expectFamilyEnded(scene, answers);
  });

  it('is presented by the thief as another client: that changes nothing', async () => {
    const scene = await openScene();
    const other = await connectClient(app.origin, await app.openBrowser());
    await moveTime(app.context, gap);
    const response = await other.refresh(scene.first);
    expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([
      400,
      'invalid_grant',
    ]);
    expect(await scene.refresh(scene.first)).not.toBeNull();
  });
});

describe('an honest client', () => {
  it.each(GAPS)('whose answer was lost gets another, %s later, as often as that happens', async (_, gap) => {
    const scene = await openScene();
    expect(await scene.refresh(scene.first)).not.toBeNull();
    await moveTime(app.context, gap);
    const second = await scene.refresh(scene.first);
    await moveTime(app.context, { seconds: 120 });
    const third = await scene.refresh(scene.first);
    expect(new Set([second!.refresh_token, third!.refresh_token]).size).toBe(2);
    expect(await app.judge(third!.access_token)).toBe('ok');
    expect((await connectionOf(scene)).suspectSince).toBeNull();
  });

  it.each([2, 3, 5, 10])('that refreshes in %i windows at once gets one answer', async (windows) => {
    const scene = await openScene();
    const answers = await Promise.all(Array.from({ length: windows }, () => scene.refresh(scene.first)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await scene.refresh(answers[0]!.refresh_token)).not.toBeNull();
  });
});

describe('after the cap', () => {
  it.each([
    ['a refresh token that was never used', 0],
    ['one that came from a rotation', 1],
    ['one of five rotations', 5],
  ])('of 30 silent days %s is worth nothing, and that is no theft', async (_, rotations) => {
    const scene = await openScene();
    let token = scene.first;
    for (let rotation = 0; rotation < rotations; rotation += 1)
      token = (await scene.refresh(token))!.refresh_token;
    await moveTime(app.context, { days: 30, hours: 1 });
    expect(await scene.refresh(token)).toBeNull();
    const { suspectSince, revokedAt } = await connectionOf(scene);
    expect([suspectSince, revokedAt]).toEqual([null, null]);
  });

  it('of 60 seconds the kept answer is gone', async () => {
    const scene = await openScene();
    const first = await scene.refresh(scene.first);
    await moveTime(app.context, { seconds: 59 });
    expect(await scene.refresh(scene.first)).toEqual(first);
    await moveTime(app.context, { seconds: 2 });
    expect(await scene.refresh(scene.first)).not.toEqual(first);
  });
});
