import { randomBytes } from 'node:crypto';

import { Webhook } from 'standardwebhooks';

import type { Context } from '../context.ts';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

interface WebhookKey {
  teamId: string;
  id: string;
}

/** As Standard Webhooks writes it: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export function newWebhookSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

export function sealWebhookSecret(
  { seal }: Pick<Context, 'seal'>,
  key: WebhookKey,
  secret: string,
): Uint8Array<ArrayBuffer> {
  return seal.seal(secret, purposeOf(key));
}

/** The headers that prove who sent `body`, and when. */
export function signWebhook(
  { seal }: Pick<Context, 'seal'>,
  webhook: WebhookKey & { sealedSecret: Uint8Array },
  message: { id: string; at: Date; body: string },
): Record<string, string> {
  const signer = new Webhook(seal.unseal(webhook.sealedSecret, purposeOf(webhook)));
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(Math.floor(message.at.getTime() / 1000)),
    'webhook-signature': signer.sign(message.id, message.at, message.body),
  };
}

const purposeOf = ({ teamId, id }: WebhookKey) => `webhook:${teamId}:${id}`;
