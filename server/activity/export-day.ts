import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notAllowed, notFound } from '../errors.ts';
import { createDaySigner } from './day-signature.ts';
import { readDay } from './read-day.ts';

/**
 * A signed day for an auditor, as lines of JSON: first the digest with its signature and the public key, then the rows in
 * the text that the digest was taken of (`digestDay`). For owners, since it holds addresses.
 * @param day UTC, 2026-12-01
 * @throws AppError NotAllowed; NotFound for a day that is not signed
 */
export async function exportDay(
  context: Pick<Context, 'db' | 'seal'>,
  caller: Caller,
  day: string,
): Promise<AsyncGenerator<string>> {
  if (caller.role !== 'owner') {
    throw notAllowed({
      code: 'owners_only',
      message: 'Only an owner of the team takes its record with them.',
    });
  }
  const [signed] = await context.db.$queryRaw<SignedRow[]>`
    select to_char(d.day, 'YYYY-MM-DD') as day, d.row_count as "rowCount", encode(d.digest, 'hex') as digest,
      encode(before.digest, 'hex') as "previousDigest", d.signature, d.signed_at as "signedAt"
    from activity_digest d
    left join activity_digest before on before.team_id = d.team_id and before.day = d.day - 1
    where d.team_id = ${caller.teamId} and to_char(d.day, 'YYYY-MM-DD') = ${day}`;
  if (!signed) throw notFound({ code: 'not_found', message: 'This day of your team is not signed.' });
  const head = {
    form: 'grantcast-activity-1',
    team: caller.teamId,
    ...signed,
    signature: Buffer.from(signed.signature).toString('base64'),
    publicKey: createDaySigner(context.seal).publicKey,
  };
  return toLines(context, caller.teamId, day, JSON.stringify(head));
}

interface SignedRow {
  day: string;
  rowCount: number;
  digest: string;
  previousDigest: string | null;
  signature: Uint8Array;
  signedAt: Date;
}

async function* toLines(
  context: Pick<Context, 'db'>,
  teamId: string,
  day: string,
  head: string,
): AsyncGenerator<string> {
  yield `${head}\n`;
  for await (const lines of readDay(context, teamId, day)) yield `${lines.join('\n')}\n`;
}
