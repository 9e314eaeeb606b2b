import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict, notFound } from '../errors.ts';
import { hashToken, newToken } from '../token.ts';

import { createPerson, prepareNewPerson } from './people.ts';
import { createTeam, parseTeamName, parseTimeZone } from './teams.ts';

export interface FirstOwner {
  email: string;
  password: string;
  name?: string;
  teamName?: string;
  /** IANA name; UTC when left out. */
  timeZone?: string;
}

/**
 * The person who owns a new installation, with a first team.
 * @throws AppError Conflict (`owner_exists`) when anybody has an account already; InvalidInput for what was typed wrong
 */
export async function createFirstOwner(
  context: Context,
  owner: FirstOwner,
): Promise<{ personId: string; teamId: string }> {
  return createOwner(context, owner, async () => undefined);
}

/**
 * The same by the one-time link, which this uses up.
 * @throws AppError NotFound (`setup_link_gone`) when the link is unknown, used or older than a day
 */
export async function createFirstOwnerByLink(
  context: Context,
  owner: FirstOwner & { linkToken: string },
): Promise<{ personId: string; teamId: string }> {
  // Before the password is hashed: that costs 19 MiB, and everybody can send this form.
  if (!(await isSetupLinkUnused(context, owner.linkToken))) throw setupLinkGone();
  return createOwner(context, owner, (tx) => consumeSetupLink(tx, owner.linkToken));
}

/** @returns a link that makes the first owner, once, within a day; null when somebody has an account already. */
export async function createSetupLink(context: Context): Promise<string | null> {
  if (await hasOwner(context)) return null;
  const token = newToken();
  await context.db.$executeRaw`
    insert into setup_link (token_hash, created_at) values (${hashToken(token)}, clock_timestamp())`;
  return `${context.publicUrl}/set-up/${token}`;
}

export async function hasOwner(context: Context): Promise<boolean> {
  return (await context.db.person.findFirst({ select: { id: true } })) !== null;
}

/** Whether the link would be accepted now; only using it decides. */
export async function isSetupLinkGood(context: Context, token: string): Promise<boolean> {
  return (await isSetupLinkUnused(context, token)) && !(await hasOwner(context));
}

async function isSetupLinkUnused(context: Context, token: string): Promise<boolean> {
  const rows = await context.db.$queryRaw<unknown[]>`
    select 1 from setup_link
    where token_hash = ${hashToken(token)} and used_at is null and created_at > clock_timestamp() - interval '1 day'`;
  return rows.length === 1;
}

async function createOwner(
  context: Context,
  owner: FirstOwner,
  beforeCreating: (tx: Transaction) => Promise<void>,
): Promise<{ personId: string; teamId: string }> {
  const teamName = parseTeamName(owner.teamName ?? 'My team');
  const timeZone = parseTimeZone(owner.timeZone ?? 'UTC');
  const person = await prepareNewPerson({ ...owner, name: owner.name ?? nameFromEmail(owner.email) });
  return context.db.$transaction(async (tx) => {
    // Two processes that start at once, or two browsers with one link: the second waits here and then sees the first.
    await tx.$queryRaw`select pg_advisory_xact_lock(hashtext('grantcast.first_owner'))::text`;
    await beforeCreating(tx);
    if (await tx.person.findFirst({ select: { id: true } })) {
      throw conflict({
        code: 'owner_exists',
        message: 'This server has an owner already. Sign in, or ask the owner to let you in.',
      });
    }
    const personId = await createPerson(tx, person);
    return { personId, teamId: await createTeam(tx, { name: teamName, timeZone, ownerId: personId }) };
  });
}

async function consumeSetupLink(tx: Transaction, token: string): Promise<void> {
  const used = await tx.$executeRaw`
    update setup_link set used_at = clock_timestamp()
    where token_hash = ${hashToken(token)} and used_at is null and created_at > clock_timestamp() - interval '1 day'`;
  if (used !== 1) throw setupLinkGone();
}

function setupLinkGone() {
  return notFound({
    code: 'setup_link_gone',
    message:
      'This set-up link was used already or is older than a day. Restart the server: while it has no owner, it prints a new one.',
  });
}

function nameFromEmail(email: string): string {
  return email.split('@')[0]!.slice(0, 100) || 'Owner';
}
