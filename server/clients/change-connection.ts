import { assertMayWrite, type PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict, invalidInput, notAllowed, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { isScope, withImplied, type Scope } from '../scopes.ts';
import { mayManage } from './connection-facts.ts';

/**
 * Takes permissions away. It counts from the next call on, because every call asks for the connection's own scopes; the
 * client keeps its tokens. Giving more takes a new consent.
 * @returns what it may still do
 * @throws AppError NotFound; NotAllowed; Conflict when it was revoked; InvalidInput when nothing would be left
 */
export async function limitConnection(
  context: Context,
  caller: PersonCaller,
  input: { connectionId: string; keep: readonly Scope[] },
): Promise<Scope[]> {
  assertMayWrite(caller);
  return context.db.$transaction(async (tx) => {
    const { scopes } = await lockConnection(tx, caller, input.connectionId);
    const granted = withImplied(scopes.filter(isScope));
    const kept = withImplied(input.keep).filter((scope) => granted.includes(scope));
    if (kept.length === 0) {
      throw invalidInput({
        code: 'nothing_left',
        message: 'This would leave it nothing to do. Revoke the connection instead.',
      });
    }
    const taken = granted.filter((scope) => !kept.includes(scope));
    if (taken.length === 0) return kept;
    await tx.$executeRaw`update connection set scopes = ${kept} where id = ${input.connectionId}`;
    await record(tx, caller, input.connectionId, 'connection.limited', { taken });
    return kept;
  });
}

/**
 * Sets until when the connection may act: the end of a day in the team's zone, or for as long as nobody ends it. What it
 * scheduled before goes out all the same.
 * @param input.lastDay YYYY-MM-DD, or null for no end
 * @throws AppError NotFound; NotAllowed; Conflict when it was revoked; InvalidInput for a day that is over
 */
export async function setConnectionEnd(
  context: Context,
  caller: PersonCaller,
  input: { connectionId: string; lastDay: string | null },
): Promise<Date | null> {
  assertMayWrite(caller);
  const { connectionId, lastDay } = input;
  if (lastDay !== null && !isDay(lastDay)) {
    throw invalidInput({ code: 'invalid_day', field: 'last_day', message: 'Choose a day on the calendar.' });
  }
  return context.db.$transaction(async (tx) => {
    await lockConnection(tx, caller, connectionId);
    const [changed] = await tx.$queryRaw<{ endsAt: Date | null }[]>`
      with wanted as (
        select (${lastDay}::text::date + 1)::timestamp at time zone t.time_zone as ends_at
        from team t where t.id = ${caller.teamId}
      )
      update connection c set ends_at = wanted.ends_at from wanted
      where c.id = ${connectionId} and (wanted.ends_at is null or wanted.ends_at > clock_timestamp())
      returning c.ends_at as "endsAt"`;
    if (!changed) {
      throw invalidInput({
        code: 'day_is_over',
        field: 'last_day',
        message: 'That day is over. Choose today or later; to end it at once, revoke it.',
      });
    }
    await record(tx, caller, connectionId, 'connection.end_changed', { lastDay });
    return changed.endsAt;
  });
}

async function lockConnection(
  tx: Transaction,
  caller: PersonCaller,
  connectionId: string,
): Promise<{ scopes: string[] }> {
  const [connection] = await tx.$queryRaw<{ personId: string; scopes: string[]; isRevoked: boolean }[]>`
    select person_id as "personId", scopes, revoked_at is not null as "isRevoked"
    from connection where id = ${connectionId} and team_id = ${caller.teamId} for no key update`;
  if (!connection) {
    throw notFound({
      code: 'connection_not_found',
      message: 'This connection does not exist in your team.',
    });
  }
  if (!mayManage(caller, connection)) {
    throw notAllowed({
      code: 'not_your_connection',
      message: 'Only the person who made this connection or an owner of the team can change it.',
    });
  }
  if (connection.isRevoked) {
    throw conflict({ code: 'revoked', message: 'This connection was revoked. That cannot be undone.' });
  }
  return connection;
}

async function record(
  tx: Transaction,
  caller: PersonCaller,
  connectionId: string,
  action: string,
  detail: Record<string, unknown>,
): Promise<void> {
  await tx.$executeRaw`
    insert into activity (id, team_id, at, actor, person_id, connection_id, action, target, result, address, detail)
    values (${newId('activity')}, ${caller.teamId}, clock_timestamp(), 'person', ${caller.personId}, ${connectionId},
      ${action}, ${connectionId}, 'ok', ${caller.address ?? null}, ${JSON.stringify(detail)}::jsonb)`;
}

/** PostgreSQL knows years up to 5874897; people mean one with four digits. */
function isDay(text: string): boolean {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  return date !== null && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
