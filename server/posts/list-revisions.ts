import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';

export interface RevisionAuthor {
  personName: string;
  /** Null: it was written in the browser. */
  clientName: string | null;
}

export interface Revision {
  rev: number;
  at: Date;
  /** Null for what was written before it was kept who did. */
  author: RevisionAuthor | null;
  /** The decisions about it, oldest first. */
  decisions: { decision: 'approved' | 'rejected'; personName: string; at: Date }[];
}

const MOST_SHOWN = 200;

/** Newest first, at most 200; what was written down and given up before it was the post's is left out where it is the newest. */
export async function listRevisions(
  { db }: Pick<Context, 'db'>,
  { teamId }: Caller,
  { postId, rev }: { postId: string; rev: number },
): Promise<Revision[]> {
  const rows = await db.postRevision.findMany({
    where: { teamId, postId, rev: { lte: rev } },
    orderBy: { rev: 'desc' },
    take: MOST_SHOWN,
    select: {
      ...{ rev: true, createdAt: true, ...AUTHOR },
      approvals: {
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        select: { decision: true, createdAt: true, person: { select: { name: true } } },
      },
    },
  });
  return rows.map((row) => ({
    ...{ rev: row.rev, at: row.createdAt, author: toAuthor(row) },
    decisions: row.approvals.map(({ decision, person, createdAt }) => ({
      decision: decision === 'approved' ? 'approved' : 'rejected',
      ...{ personName: person.name, at: createdAt },
    })),
  }));
}

export async function findRevisionAuthor(
  { db }: Pick<Context, 'db'>,
  { teamId }: Caller,
  { postId, rev }: { postId: string; rev: number },
): Promise<RevisionAuthor | null> {
  const row = await db.postRevision.findFirst({ where: { teamId, postId, rev }, select: AUTHOR });
  return row && toAuthor(row);
}

/** What a revision says on each channel, and its pictures in order; null when the post has no such revision. */
export async function findRevisionContent(
  { db }: Pick<Context, 'db'>,
  { teamId }: Caller,
  { postId, rev }: { postId: string; rev: number },
): Promise<{ captions: Map<string, string[]>; mediaIds: string[] } | null> {
  // Whatever a form says; PostgreSQL numbers them in four bytes.
  if (!Number.isInteger(rev) || Math.abs(rev) >= 2 ** 31) return null;
  const row = await db.postRevision.findFirst({
    where: { teamId, postId, rev },
    select: {
      captions: { select: { channelId: true, parts: true } },
      media: { orderBy: { position: 'asc' }, select: { mediaId: true } },
    },
  });
  return (
    row && {
      captions: new Map(row.captions.map(({ channelId, parts }) => [channelId, parts])),
      mediaIds: row.media.map(({ mediaId }) => mediaId),
    }
  );
}

const AUTHOR = {
  person: { select: { name: true } },
  connection: { select: { clientName: true } },
} as const;

function toAuthor({
  person,
  connection,
}: {
  person: { name: string } | null;
  connection: { clientName: string } | null;
}): RevisionAuthor | null {
  return person && { personName: person.name, clientName: connection?.clientName ?? null };
}
