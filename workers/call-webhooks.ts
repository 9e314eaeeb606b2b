import { setTimeout as wait } from 'node:timers/promises';

import type { Context } from '../server/context.ts';
import { GuardedFetchError } from '../server/fetch.ts';
import { claimWebhookCalls, type ClaimedCall } from '../server/notices/claim-webhook-calls.ts';
import { describeNotice } from '../server/notices/describe-notice.ts';
import { settleWebhookCall, type CallResult } from '../server/notices/settle-webhook-call.ts';
import { signWebhook } from '../server/notices/webhook-secret.ts';

const INTERVAL_MS = 2_000;
const BATCH = 20;
/** What Standard Webhooks calls the usual range is 15 to 30 s; a receiver that only takes note needs far less. */
const CALL_TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 10_000;

/** Tells the teams' webhooks what people have to know: at least once each, the same id at every try. */
export function startWebhookLoop(context: Context): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;

  const run = async () => {
    while (!signal.aborted) {
      let hasMore = false;
      try {
        hasMore = (await callDueWebhooks(context)) >= BATCH;
      } catch (error) {
        context.log.warn({ err: error }, 'webhooks could not be called and are tried again');
      }
      // An aborted wait is the end of the loop.
      if (!hasMore) await wait(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
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

/** @returns how many calls were made */
export async function callDueWebhooks(context: Context): Promise<number> {
  const calls = await claimWebhookCalls(context, BATCH);
  await Promise.all(
    calls.map(async (call) => {
      const result = await callWebhook(context, call);
      await settleWebhookCall(context, call, result);
    }),
  );
  return calls.length;
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
