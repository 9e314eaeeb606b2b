import { Prisma } from '../../prisma/generated/client.ts';
import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import { mediaFilePath, renditionPath } from '../media/media-urls.ts';
import { readCursor, toPage, type Page, type Position } from '../paging.ts';

const ORDER = 'timeline-newest';
const PAGE_SIZE = 20;

export interface TimelinePost {
  /** That of the first part. */
  id: string;
  postId: string;
  handle: string;
  at: Date;
  parts: string[];
  /** The pictures of its first part, in order. */
  pictures: TimelinePicture[];
  /** People who saw it, with the caller. */
  views: number;
  likes: number;
  /** By the caller. */
  isLiked: boolean;
}

export interface TimelinePicture {
  /** As it went out; once that has gone, from the library; null when it is in neither. */
  url: string | null;
  altText: string;
  width: number;
  height: number;
}

/** What was published to the team's Playground, newest first, a thread as one entry. */
export async function findTimeline(
  context: Context,
  caller: Caller,
  cursor: string | undefined,
): Promise<Page<TimelinePost>> {
  const position = readCursor(ORDER, cursor);
  const rows = await selectTimeline(
    context,
    caller,
    position
      ? Prisma.sql`and (t.created_at, t.id) < (${position.key}::timestamptz, ${position.id})`
      : Prisma.empty,
  );
  return toPage(rows, PAGE_SIZE, ORDER, toTimelinePost);
}

/** The entry with this part in it. @throws AppError NotFound */
export async function findTimelinePost(context: Context, caller: Caller, id: string): Promise<TimelinePost> {
  const rows = await selectTimeline(
    context,
    caller,
    Prisma.sql`and t.delivery_id = (select delivery_id from playground_post where id = ${id})`,
  );
  if (rows[0]) return toTimelinePost(rows[0]);
  throw notFound({ code: 'not_found', message: 'There is no such post on the Playground.' });
}

type TimelineRow = Omit<TimelinePost, 'pictures'> &
  Position & {
    rev: number;
    channelId: string;
    media: (Omit<TimelinePicture, 'url'> & { contentHash: string })[];
    sources: PictureSource[] | null;
  };

/** Where a picture is to be had, in the order of the pictures. */
interface PictureSource {
  hasRendition: boolean;
  /** Of the library, null when it was deleted there. */
  file: { id: string; contentHash: string; width: number; height: number } | null;
}

async function selectTimeline(
  context: Context,
  caller: Caller,
  condition: Prisma.Sql,
): Promise<TimelineRow[]> {
  return context.db.$queryRaw<TimelineRow[]>`
    select t.id, t.created_at::text as key, t.created_at as at, d.post_id as "postId", d.rev, c.id as "channelId", c.handle, t.media,
      cardinality(t.viewed_by) + (not ${caller.personId} = any(t.viewed_by))::int as views, cardinality(t.liked_by) as likes, ${caller.personId} = any(t.liked_by) as "isLiked",
      (select array_agg(part.text order by part.part_no) from playground_post part
       where part.delivery_id = t.delivery_id) as parts,
      (select jsonb_agg(jsonb_build_object('hasRendition', r.post_id is not null, 'file', case when m.state = 'ready' then
         jsonb_build_object('id', m.id, 'contentHash', encode(m.content_hash, 'hex'), 'width', m.width, 'height', m.height) end)
         order by u.position)
       from revision_media u join media m on m.id = u.media_id
       left join rendition r on r.post_id = u.post_id and r.rev = u.rev and r.channel_id = d.channel_id
         and r.position = u.position
       where u.post_id = d.post_id and u.rev = d.rev) as sources
    from playground_post t
    join channel c on c.id = t.channel_id
    join delivery d on d.id = t.delivery_id
    where t.team_id = ${caller.teamId}
      and t.part_no = (select min(first.part_no) from playground_post first where first.delivery_id = t.delivery_id)
      ${condition}
    order by t.created_at desc, t.id desc
    limit ${PAGE_SIZE + 1}`;
}

function toTimelinePost({ rev, channelId, media, sources, key: _key, ...post }: TimelineRow): TimelinePost {
  const pictures = media.map(({ contentHash, ...picture }, index): TimelinePicture => {
    const source = sources?.[index];
    if (source?.hasRendition) {
      const place = { postId: post.postId, rev, channelId, position: index + 1, contentHash };
      return { ...picture, url: renditionPath(place) };
    }
    if (!source?.file) return { ...picture, url: null };
    const { width, height } = source.file;
    return { ...picture, width, height, url: mediaFilePath(source.file) };
  });
  return { ...post, pictures };
}
