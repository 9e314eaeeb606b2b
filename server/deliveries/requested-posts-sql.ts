import { Prisma } from '../../prisma/generated/client.ts';

/**
 * `from` and `where` of the team's requests (`q`), with post (`p`) and revision (`r`), that wait for a person's yes: somebody
 * asked about the present revision, nobody answered yet, and the request is not over.
 */
export function openRequestsSql(teamId: string): Prisma.Sql {
  return Prisma.sql`
    from approval_request q
    join post p on p.id = q.post_id and p.rev = q.rev and p.discarded_at is null
    join post_revision r on r.post_id = q.post_id and r.rev = q.rev and r.content_hash = q.content_hash
    where q.team_id = ${teamId} and q.expires_at > clock_timestamp()
      and not exists (select from approval a where a.post_id = q.post_id and a.rev = q.rev
        and a.content_hash = q.content_hash and a.created_at >= q.created_at)`;
}

/** Those of them whose post is not on the calendar for it, and that no delivery's need of a person hides. */
export function requestsOfDraftsSql(teamId: string): Prisma.Sql {
  return Prisma.sql`${openRequestsSql(teamId)}
      and exists (select from delivery d where d.post_id = q.post_id and d.state = 'draft')
      and not exists (select from delivery d where d.post_id = q.post_id
        and d.state in ('awaiting_approval', 'needs_attention', 'unknown', 'held', 'failed', 'missed'))`;
}

/** Their posts' ids, as `post_id`. */
export function requestedPostsSql(teamId: string): Prisma.Sql {
  return Prisma.sql`select q.post_id ${requestsOfDraftsSql(teamId)}`;
}
