import { recordActivity } from '../activity/record-activity.ts';
import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict, invalidInput, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { assertOwner } from '../teams/members.ts';
import { newWebhookSecret, sealWebhookSecret } from './webhook-secret.ts';

const MAX_WEBHOOKS = 10;
const MAX_URL_LENGTH = 2000;

export interface WebhookSummary {
  id: string;
  /** For owners; the others are told where it leads: many receivers ask for nothing but the rest of the address. */
  url: string;
  createdAt: Date;
  /** It is told nothing since, because it answered nothing good for days, or said that it is gone. */
  disabledAt: Date | null;
  /** How the latest call ended: a status, or a code for no answer; null before the first. */
  lastOutcome: string | null;
  lastDeliveredAt: Date | null;
  /** Calls that are to be tried still. */
  waiting: number;
}

/**
 * From now on the address is told of every notice.
 * @returns its secret, to be seen this once
 * @throws AppError NotAllowed (`not_owner`), InvalidInput (`invalid_url`), Conflict (`too_many_webhooks`)
 */
export async function addWebhook(
  context: Context,
  caller: PersonCaller,
  input: { url: string },
): Promise<{ id: string; url: string; secret: string }> {
  assertOwner(caller);
  const { teamId, personId } = caller;
  const url = readUrl(input.url);
  const id = newId('webhook');
  const secret = newWebhookSecret();
  const sealedSecret = sealWebhookSecret(context, { teamId, id }, secret);
  await context.db.$transaction(async (tx) => {
    await tx.$executeRaw`select from team where id = ${teamId} for no key update`;
    if ((await tx.webhook.count({ where: { teamId } })) >= MAX_WEBHOOKS) {
      throw conflict({
        code: 'too_many_webhooks',
        message: `The team has ${MAX_WEBHOOKS} webhooks already. Remove one first.`,
      });
    }
    await tx.webhook.create({ data: { id, teamId, url, sealedSecret, createdById: personId } });
    const detail = { host: new URL(url).host };
    await recordActivity({ db: tx }, { caller, action: 'webhook.added', target: id, result: 'ok', detail });
  });
  return { id, url, secret };
}

function readUrl(value: string): string {
  const url = URL.parse(value.trim());
  const isFit =
    url && /^https?:$/.test(url.protocol) && !url.username && !url.password && value.length <= MAX_URL_LENGTH;
  if (isFit) return url.href;
  throw invalidInput({
    code: 'invalid_url',
    field: 'url',
    message: 'This is not an address that can be called. It looks like https://example.com/hooks/grantcast.',
  });
}

export async function listWebhooks(context: Context, caller: PersonCaller): Promise<WebhookSummary[]> {
  const webhooks = await context.db.$queryRaw<WebhookSummary[]>`
    select w.id, w.url, w.created_at as "createdAt", w.disabled_at as "disabledAt",
      (select c.last_outcome from webhook_call c join notice n on n.id = c.notice_id
        where c.webhook_id = w.id and c.last_outcome is not null order by n.created_at desc limit 1) as "lastOutcome",
      (select max(c.delivered_at) from webhook_call c where c.webhook_id = w.id) as "lastDeliveredAt",
      (select count(*)::int from webhook_call c where c.webhook_id = w.id and c.not_before is not null) as waiting
    from webhook w where w.team_id = ${caller.teamId} order by w.created_at, w.id`;
  if (caller.role === 'owner') return webhooks;
  return webhooks.map((webhook) => ({ ...webhook, url: new URL(webhook.url).origin }));
}

/** @throws AppError NotAllowed (`not_owner`), NotFound */
export async function removeWebhook(context: Context, caller: PersonCaller, id: string): Promise<void> {
  await changeWebhook(context, caller, id, 'webhook.removed', (tx) =>
    tx.webhook.deleteMany({ where: { teamId: caller.teamId, id } }),
  );
}

/** It is told of what happens from now on; what it missed stays missed. */
export async function enableWebhook(context: Context, caller: PersonCaller, id: string): Promise<void> {
  await changeWebhook(context, caller, id, 'webhook.enabled', (tx) =>
    tx.webhook.updateMany({ where: { teamId: caller.teamId, id }, data: { disabledAt: null } }),
  );
}

/** A notice of its own for this webhook alone: it shows whether calls arrive. */
export async function testWebhook(context: Context, caller: PersonCaller, id: string): Promise<void> {
  const { teamId } = caller;
  await changeWebhook(context, caller, id, 'webhook.tested', async (tx) => {
    const noticeId = newId('notice');
    await tx.notice.create({ data: { id: noticeId, teamId, kind: 'webhook.test', target: id, detail: {} } });
    const count = await tx.$executeRaw`
      insert into webhook_call (team_id, webhook_id, notice_id, not_before)
      select team_id, id, ${noticeId}, clock_timestamp() from webhook where team_id = ${teamId} and id = ${id}`;
    return { count };
  });
}

async function changeWebhook(
  context: Context,
  caller: PersonCaller,
  id: string,
  action: string,
  change: (tx: Transaction) => Promise<{ count: number }>,
): Promise<void> {
  assertOwner(caller);
  await context.db.$transaction(async (tx) => {
    const { count } = await change(tx);
    if (count === 0) throw notFound({ code: 'not_found', message: 'This webhook is not there any more.' });
    await recordActivity({ db: tx }, { caller, action, target: id, result: 'ok' });
  });
}
