import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { DELIVERY_STATES, SETTLEABLE_STATES, type DeliveryState } from '../deliveries/delivery-state.ts';
import { listRequestedPosts } from '../deliveries/list-requested-posts.ts';
import { findPostPictures, type PostThumbnail } from '../posts/find-post-pictures.ts';
import { listPosts, type PostSummary } from '../posts/list-posts.ts';
import { SETTLED, STOPPED_WORDS } from './find-campaign-problems.ts';

export const BOARD_COLUMNS = ['drafts', 'waiting', 'scheduled', 'published', 'attention'] as const;
export type BoardColumnId = (typeof BOARD_COLUMNS)[number];

interface ColumnRule {
  states: DeliveryState[];
  /** By time, the earliest first; otherwise the newest post first. */
  isByTime?: true;
}

const RULES: Readonly<Record<BoardColumnId, ColumnRule>> = {
  drafts: { states: ['draft', 'cancelled'] },
  waiting: { states: ['awaiting_approval'], isByTime: true },
  scheduled: { states: ['scheduled', 'claimed', 'prepared', 'sending'], isByTime: true },
  published: { states: ['published', 'taken_down'] },
  attention: { states: ['needs_attention', 'unknown', 'held', 'failed', 'missed'] },
};

const BEGINNING = '1970-01-01';
export const COLUMN_SIZE = 20;

export interface BoardPost extends PostSummary {
  /** Its first picture. */
  picture: PostThumbnail | null;
  /** Somebody asked a person to look at this draft. */
  isRequested: boolean;
  /** Why it does not go on, where something stops it. */
  problem: string | null;
}

export interface BoardColumn {
  id: BoardColumnId;
  /** All that are in it, shown or not. */
  total: number;
  posts: BoardPost[];
  nextCursor: string | null;
}

export interface BoardInput {
  campaignId: string;
  /** Posts by state (`getCampaign`). */
  counts: Partial<Record<DeliveryState, number>>;
  /** One column from a cursor on; all of them, each from its beginning, when absent. */
  only?: { column: BoardColumnId; cursor: string | undefined } | undefined;
}

/** The posts of a campaign by how they stand. */
export async function listBoard(
  context: Context,
  caller: PersonCaller,
  { campaignId, counts, only }: BoardInput,
): Promise<BoardColumn[]> {
  const ids = only ? [only.column] : BOARD_COLUMNS;
  const requested = new Set(
    (await listRequestedPosts(context, caller, { isForAll: true })).map(({ id }) => id),
  );
  return Promise.all(
    ids.map(async (id): Promise<BoardColumn> => {
      const { states, isByTime } = RULES[id];
      const page = await listPosts(context, caller, {
        ...{ campaignId, states, limit: COLUMN_SIZE, cursor: only?.cursor },
        ...(isByTime && { from: BEGINNING }),
      });
      const postIds = page.items.map((post) => post.id);
      const [pictures, reasons] = await Promise.all([
        findPostPictures(context, caller, postIds),
        findReasons(context, caller, id === 'attention' ? postIds : []),
      ]);
      return {
        id,
        total: states.reduce((sum, state) => sum + (counts[state] ?? 0), 0),
        posts: page.items.map((post) => ({
          ...post,
          picture: pictures.get(post.id) ?? null,
          isRequested: requested.has(post.id),
          problem: reasons.get(post.id) ?? null,
        })),
        nextCursor: page.nextCursor,
      };
    }),
  );
}

/**
 * Why each post does not go on, where something stops it, by post: of its channels the most urgent one, as the state of a
 * post is that one's. What was given up is told too, after what still needs a person.
 */
async function findReasons(
  { db }: Context,
  { teamId }: PersonCaller,
  postIds: string[],
): Promise<Map<string, string>> {
  if (postIds.length === 0) return new Map();
  const rows = await db.$queryRaw<
    { postId: string; state: keyof typeof STOPPED_WORDS; message: string | null }[]
  >`
    select distinct on (post_id) post_id as "postId", state, problem_message as message
    from delivery
    where team_id = ${teamId} and post_id = any(${postIds}) and state = any(${[...SETTLEABLE_STATES]})
    order by post_id, array_position(${[...DELIVERY_STATES]}::text[], state),
      problem_code is not distinct from ${SETTLED}, due_at, id`;
  return new Map(rows.map(({ postId, state, message }) => [postId, message ?? STOPPED_WORDS[state]]));
}
