import { setTimeout as wait } from 'node:timers/promises';

import type { Context } from '../server/context.ts';
import { GuardedFetchError } from '../server/fetch.ts';
import { claimWebhookCalls, type ClaimedCall } from '../server/notices/claim-webhook-calls.ts';
import { describeNotice } from '../server/notices/describe-notice.ts';
import { settleWebhookCall, type CallResult } from '../server/notices/settle-webhook-call.ts';
import { signWebhook } from '../server/notices/webhook-secret.ts';

const INTERVAL_MS = 2_000;
const CALLS_AT_ONCE = 20;
const CALLS_OF_TEAM_AT_ONCE = 4;
/** What Standard Webhooks calls the usual range is 15 to 30 s; a receiver that only takes note needs far less. */
const CALL_TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 10_000;

/** Tells the teams' webhooks what people have to know: at least once each, the same id at every try. */
export function startWebhookLoop(context: Context): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;

  const run = async () => {
    while (!signal.aborted) {
      try {
        await callDueWebhooks(context, signal);
      } catch (error) {
        context.log.warn({ err: error }, 'webhooks could not be called and are tried again');
      }
      await pause(INTERVAL_MS, signal);
    }
  };

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/**
 * Calls until nothing is due and nothing is under way, so many at a time, and few of one team.
 * @returns how many calls were made
 */
export async function callDueWebhooks(context: Context, signal?: AbortSignal): Promise<number> {
  const calls = new Set<Promise<void>>();
  const underWay = new Map<string, number>();
  const count = (teamId: string, change: 1 | -1) => {
    const left = (underWay.get(teamId) ?? 0) + change;
    if (left > 0) underWay.set(teamId, left);
    else underWay.delete(teamId);
  };
  let made = 0;
  try {
    for (;;) {
      const limit = signal?.aborted ? 0 : CALLS_AT_ONCE - calls.size;
      const limits = { limit, limitOfTeam: CALLS_OF_TEAM_AT_ONCE, underWay };
      const claimed = limit > 0 ? await claimWebhookCalls(context, limits) : [];
      for (const call of claimed) {
        count(call.teamId, 1);
        const running: Promise<void> = callAndSettle(context, call).finally(() => {
          count(call.teamId, -1);
          calls.delete(running);
        });
        calls.add(running);
      }
      made += claimed.length;
      if (calls.size === 0) return made;
      await untilOneEnds(calls);
    }
  } finally {
    await Promise.all(calls);
  }
}

/** Or a moment has passed, in which something else may have become due. */
async function untilOneEnds(calls: ReadonlySet<Promise<void>>): Promise<void> {
  const ended = new AbortController();
  await Promise.race([...calls, pause(INTERVAL_MS, ended.signal)]);
  ended.abort();
}

/** An aborted wait is the end of it. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal }).catch(() => undefined);
}

async function callAndSettle(context: Context, call: ClaimedCall): Promise<void> {
  const result = await callWebhook(context, call);
  await settleWebhookCall(context, call, result).catch((error: unknown) =>
    context.log.warn(
      { err: error, webhookId: call.webhookId },
      'what a webhook answered could not be written down',
    ),
  );
}

/** One call. What the receiver answers is not read beyond its status. */
async function callWebhook(context: Context, call: ClaimedCall): Promise<CallResult> {
  try {
    const body = JSON.stringify(describeNotice(context, call));
    const key = { teamId: call.teamId, id: call.webhookId, sealedSecret: call.sealedSecret };
    const signature = signWebhook(context, key, { id: call.noticeId, at: call.now, body });
    const response = await context.fetch(call.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signature },
      body,
      timeoutMs: CALL_TIMEOUT_MS,
      maxBytes: MAX_ANSWER_BYTES,
    });
    void response.body?.cancel();
    if (response.ok) return { outcome: String(response.status), verdict: 'delivered' };
    return { outcome: String(response.status), verdict: response.status === 410 ? 'gone' : 'again' };
  } catch (error) {
    context.log.info({ err: error, webhookId: call.webhookId }, 'a webhook gave no answer');
    return { outcome: error instanceof GuardedFetchError ? error.code : 'no_answer', verdict: 'again' };
  }
}
