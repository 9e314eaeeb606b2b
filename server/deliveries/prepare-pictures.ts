import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { unavailable } from '../errors.ts';
import { makeRenditions } from '../media/renditions.ts';
import { SCHEDULABLE_STATES } from './delivery-state.ts';

/**
 * Makes the pictures of a post as the networks get them, before the transaction that puts it on the calendar: drawing takes
 * longer than rows may be locked. Nothing for a post or revision that is not there; the transaction says so.
 * @throws AppError as `makeRenditions`
 */
export async function preparePictures(
  context: Context,
  { teamId }: Pick<Caller, 'teamId'>,
  {
    postId,
    rev,
    onlyChannelIds = null,
  }: { postId: string; rev: number; onlyChannelIds?: string[] | null | undefined },
): Promise<void> {
  const rows = await context.db.$queryRaw<{ channelId: string }[]>`
    select d.channel_id as "channelId" from delivery d join post p on p.id = d.post_id
    where p.team_id = ${teamId} and p.id = ${postId} and p.rev = ${rev} and d.state = any(${[...SCHEDULABLE_STATES]})
      and (${onlyChannelIds}::text[] is null or d.channel_id = any(${onlyChannelIds}))
      and exists (select from revision_media u where u.post_id = p.id and u.rev = p.rev)`;
  if (rows.length === 0) return;
  await makeRenditions(context, { teamId, postId, rev, channelIds: rows.map(({ channelId }) => channelId) });
}

/**
 * What goes on the calendar has every picture as its network gets it.
 * @throws AppError Unavailable (`pictures_not_ready`) when one was changed since they were made
 */
export async function assertPicturesReady(
  tx: Pick<Transaction, '$queryRaw'>,
  deliveries: readonly { id: string }[],
  rev: number,
): Promise<void> {
  const missing = await tx.$queryRaw<unknown[]>`
    select from delivery d join revision_media u on u.post_id = d.post_id and u.rev = ${rev}
    where d.id = any(${deliveries.map(({ id }) => id)}) and not exists (
      select from rendition r where r.post_id = d.post_id and r.rev = ${rev} and r.channel_id = d.channel_id
        and r.position = u.position)
    limit 1`;
  if (missing.length === 0) return;
  throw unavailable({
    code: 'pictures_not_ready',
    message: 'A picture of the post was changed at this moment. Nothing was scheduled.',
  });
}
