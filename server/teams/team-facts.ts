import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';

/** How much of each kind a team has, for the page that leads to all of it. */
export interface TeamFacts {
  /** The database's clock. */
  now: Date;
  /** In which the team writes, ISO 639-1; null: nobody said. */
  language: string | null;
  members: number;
  /** Links that nobody has used yet. */
  invitations: number;
  rules: number;
  webhooks: number;
  /** Those of the whole server included. */
  stops: number;
  /** Posts in the trash. */
  discarded: number;
  channels: { id: string; network: string; handle: string; imitates: string | null; slots: number }[];
}

export async function getTeamFacts(
  { db }: Pick<Context, 'db'>,
  { teamId }: PersonCaller,
): Promise<TeamFacts> {
  const [row] = await db.$queryRaw<TeamFacts[]>`
    select clock_timestamp() as now, (select language from team where id = ${teamId}),
      (select count(*) from membership where team_id = ${teamId})::int as members,
      (select count(*) from invitation where team_id = ${teamId} and used_at is null and expires_at > clock_timestamp())::int
        as invitations,
      (select count(*) from policy_rule where team_id = ${teamId})::int as rules,
      (select count(*) from webhook where team_id = ${teamId})::int as webhooks,
      (select count(*) from kill_switch where team_id is null or team_id = ${teamId})::int as stops,
      (select count(*) from post where team_id = ${teamId} and discarded_at is not null)::int as discarded,
      (select coalesce(json_agg(json_build_object('id', c.id, 'network', c.network, 'handle', c.handle,
          'imitates', c.imitates, 'slots', (select count(*) from queue_slot s where s.channel_id = c.id)) order by c.id), '[]')
        from channel c where c.team_id = ${teamId} and c.disconnected_at is null) as channels`;
  return row!;
}
