import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { approvePost } from '../../server/deliveries/approve-post.ts';
import { startWorkers } from '../../workers/start-workers.ts';
import { printTarget } from '../bench/figures.ts';
import { modernRequest } from '../mcp/serve-mcp.ts';
import { hasRedisServer, startTestRedis, type TestRedis } from '../support/redis.ts';
import { moveTime } from '../support/move-time.ts';
import { connectClient, type ConnectedClient } from '../support/oauth-client.ts';
import { faultCount, faultTime, RACES_TIMEOUT_MS, runInLanes } from './fault-counts.ts';
import { startPairedApp, type PairedApp } from './paired-app.ts';
import { readTokens } from './token-family.ts';

const DAYS = 60;
const MINUTES_LATER = 3;
const POSTS = faultCount({ full: 200, short: 20 });
const WAIT = { timeout: faultTime({ full: 240_000, short: 40_000 }), interval: 200 };

const backends = hasRedisServer() ? (['postgresql', 'redis'] as const) : (['postgresql'] as const);

let app: PairedApp;

async function callTool(token: string, name: string, input: object): Promise<Record<string, unknown>> {
  const { headers, body } = modernRequest('tools/call', { name, arguments: input });
  const response = await fetch(`${app.origin}/mcp`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as {
    result: { isError?: boolean; structuredContent: Record<string, unknown> };
  };
  if (answer.result.isError) throw new Error(JSON.stringify(answer));
  return answer.result.structuredContent;
}

/** Its posts are due 60 days from now; what waits for a person is approved. */
async function scheduleAhead(client: ConnectedClient, posts: number): Promise<void> {
  const token = client.tokens.access_token;
  const campaign = await callTool(token, 'create_campaign', {
    name: client.clientId,
    goal: 'Be there in 60 days',
  });
  const dueAt = new Date(Date.now() + DAYS * 86_400_000 + 60_000);
  const schedule = async (index: number) => {
    const { post_id: postId, rev } = await callTool(token, 'create_post', {
      campaign_id: campaign['campaign_id'],
      channel_ids: [app.owner.playgroundChannelId],
      text: `Post ${index} of ${client.clientId}`,
    });
    const at = `${dueAt.toISOString().slice(0, 16)}Z`;
    const scheduled = await callTool(token, 'schedule_post', { post_id: postId, expected_rev: rev, at });
    if (scheduled['state'] !== 'awaiting_approval') return;
    const revision = await app.context.db.postRevision.findFirstOrThrow({
      where: { postId: postId as string },
    });
    await approvePost(app.context, app.owner.caller, {
      postId: postId as string,
      rev: revision.rev,
      contentHash: Buffer.from(revision.contentHash).toString('hex'),
    });
  };
  // The first one decides about the client on this channel; the others follow.
  await schedule(0);
  await runInLanes(posts - 1, 4, (index) => schedule(index + 1));
}

/** Somebody presents a refresh token whose successor was used: the family ends, and with it every token of the client. */
async function replay(client: ConnectedClient): Promise<void> {
  const second = await readTokens(await client.refresh(client.tokens.refresh_token));
  const third = await readTokens(await client.refresh(second.refresh_token));
  await moveTime(app.context, { seconds: 61 });
  expect((await client.refresh(client.tokens.refresh_token)).status).toBe(400);
  expect(await app.judge(third.access_token)).toBe('invalid');
}

describe.each(backends)('with the queue on %s', (backend) => {
  let redis: TestRedis | undefined;
  beforeAll(async () => {
    redis = backend === 'redis' ? await startTestRedis() : undefined;
    app = await startPairedApp(redis ? { REDIS_URL: redis.url } : {});
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
  });

  test(
    'R14: posts scheduled 60 days ahead go out although their client was silent and a token of it was replayed',
    { timeout: RACES_TIMEOUT_MS },
    async () => {
      const browser = await app.openBrowser();
      // One client may publish unasked, the other's posts were approved by a person.
      for (const preset of ['publish', 'schedule']) {
        const client = await connectClient(app.origin, browser, { preset });
        await scheduleAhead(client, POSTS / 2);
        await replay(client);
      }
      const workers = await startWorkers(app.context);
      try {
        // The sweeps of the silent weeks come by too.
        await moveTime(app.context, { days: DAYS / 2 });
        await moveTime(app.context, { days: DAYS / 2, seconds: MINUTES_LATER * 60 });
        await vi
          .waitFor(async () => {
            const left = await app.context.db.delivery.count({ where: { state: { not: 'published' } } });
            if (left > 0) throw new Error(`${left} are not published yet`);
          }, WAIT)
          .catch(() => undefined);
      } finally {
        await workers.stop();
      }
      const published = await app.context.db.delivery.count({ where: { state: 'published' } });
      const shown = await app.context.db.playgroundPost.count();
      const figure = `${published} of ${POSTS} published, ${shown} shown, after ${DAYS} days (${backend}, no random choices)`;
      printTarget('R14', figure, '200 of 200', published === POSTS && shown === POSTS);
      const states = await app.context.db.delivery.groupBy({ by: ['state', 'problemCode'], _count: true });
      expect(states).toEqual([{ state: 'published', problemCode: null, _count: POSTS }]);
      expect(shown).toBe(POSTS);
    },
  );
});
