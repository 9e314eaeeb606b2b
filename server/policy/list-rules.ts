import { Prisma } from '../../prisma/generated/client.ts';
import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { notFound } from '../errors.ts';
import { mayChangeRulesOf } from './may-change-rules.ts';
import type { PolicyRule } from './policy-rule.ts';

/** A rule with the names that a person reads. */
export interface RuleSummary extends PolicyRule {
  /** Of the client, or of the connection's client. */
  clientName: string | null;
  /** Whose connection it is about. */
  connectionPersonName: string | null;
  network: string | null;
  handle: string | null;
  createdByName: string;
  createdAt: Date;
  /** Whether this person may remove it. */
  mayRemove: boolean;
}

export interface RuleFilter {
  /** The rules of this connection alone; without it those of the team and of its clients. */
  connectionId?: string | undefined;
}

/** In the order in which they were made; at most 500. */
export async function listRules(
  context: Context,
  caller: PersonCaller,
  filter: RuleFilter,
): Promise<RuleSummary[]> {
  const about =
    filter.connectionId === undefined
      ? Prisma.sql`r.connection_id is null`
      : Prisma.sql`r.connection_id = ${filter.connectionId}`;
  return readRules(context.db, caller, about);
}

/** @throws AppError NotFound */
export async function findRuleSummary(
  db: Pick<Transaction, '$queryRaw'>,
  caller: PersonCaller,
  ruleId: string,
): Promise<RuleSummary> {
  const [rule] = await readRules(db, caller, Prisma.sql`r.id = ${ruleId}`);
  if (rule) return rule;
  throw notFound({
    code: 'not_found',
    message: 'There is no such rule in this team; it may be removed already.',
  });
}

/** A client that a rule can be about, with its connections in force. */
export interface RuledClient {
  clientId: string;
  clientName: string;
  redirectHost: string;
  /** When its latest connection was made. */
  connectedAt: Date;
  connections: { id: string; personName: string; connectedAt: Date }[];
}

/** Those with a connection in force, by name; at most 200 connections, the latest. */
export async function listRuledClients(context: Context, { teamId }: PersonCaller): Promise<RuledClient[]> {
  const connections = await context.db.connection.findMany({
    where: { teamId, revokedAt: null },
    select: {
      ...{ id: true, clientId: true, clientName: true, redirectHost: true, createdAt: true },
      person: { select: { name: true } },
    },
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
    take: 200,
  });
  const clients = [...Map.groupBy(connections, ({ clientId }) => clientId).values()].map((its) => ({
    clientId: its[0]!.clientId,
    clientName: its[0]!.clientName,
    redirectHost: its[0]!.redirectHost,
    connectedAt: its[0]!.createdAt,
    connections: its.map(({ id, person, createdAt }) => ({
      id,
      personName: person.name,
      connectedAt: createdAt,
    })),
  }));
  return clients.toSorted((a, b) => a.clientName.localeCompare(b.clientName));
}

type RuleRow = Omit<RuleSummary, 'mayRemove'> & { createdById: string; connectionPersonId: string | null };

async function readRules(
  db: Pick<Transaction, '$queryRaw'>,
  caller: PersonCaller,
  about: Prisma.Sql,
): Promise<RuleSummary[]> {
  const rows = await db.$queryRaw<RuleRow[]>`
    select r.id, r.client_id as "clientId", r.connection_id as "connectionId", r.tool, r.channel_id as "channelId",
      r.condition, r.effect, r.posts_per_day as "postsPerDay", r.quiet_from as "quietFrom", r.quiet_to as "quietTo",
      r.after_at as "afterAt", r.created_at as "createdAt", r.created_by_id as "createdById",
      author.name as "createdByName", c.person_id as "connectionPersonId", owner.name as "connectionPersonName",
      coalesce(c.client_name, (select named.client_name from connection named
        where named.team_id = r.team_id and named.client_id = r.client_id
        order by named.created_at desc, named.id limit 1)) as "clientName",
      ch.network, ch.handle
    from policy_rule r
    join person author on author.id = r.created_by_id
    left join connection c on c.team_id = r.team_id and c.id = r.connection_id
    left join person owner on owner.id = c.person_id
    left join channel ch on ch.team_id = r.team_id and ch.id = r.channel_id
    where r.team_id = ${caller.teamId} and ${about}
    order by r.created_at, r.id
    limit 500`;
  return rows.map(({ createdById, connectionPersonId, ...rule }) => ({
    ...rule,
    mayRemove:
      caller.role === 'owner' ||
      (createdById === caller.personId && mayChangeRulesOf(caller, { personId: connectionPersonId })),
  }));
}
