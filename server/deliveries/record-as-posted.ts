import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict, invalidInput, notAllowed } from '../errors.ts';
import type { SentPart } from '../networks/network.ts';
import { settlePath } from '../posts/post-urls.ts';
import { SETTLEABLE_STATES } from './delivery-state.ts';
import { cannotEnd } from './give-up-delivery.ts';
import type { LockedDelivery, LockedPost } from './lock-post.ts';

/**
 * Whoever looked says that the post is on the network, at this address: it is published, under that link. Parts of a thread
 * that are known to be live keep theirs.
 * @returns false when it is recorded so already
 * @throws AppError InvalidInput (`permalink_missing`, `wrong_permalink`); Conflict (`already_published`,
 *   `already_recorded`, `under_way`, `nothing_stopped`)
 */
export async function recordAsPosted(
  context: Context,
  tx: Transaction,
  caller: Caller,
  { id: postId }: Pick<LockedPost, 'id'>,
  delivery: LockedDelivery,
  permalink: string | undefined,
): Promise<boolean> {
  const sent = await readPost(context, tx, delivery, permalink);
  const recorded = await findRecorded(tx, delivery.channelId, sent.remoteId);
  if (recorded.some(({ isWhole, id }) => isWhole && id === delivery.id)) return false;
  if (recorded.some(({ id }) => id !== delivery.id)) throw alreadyRecorded();
  if (!SETTLEABLE_STATES.has(delivery.state)) throw cannotEnd(delivery);
  const mayHaveIt = delivery.isMaybeSent || delivery.isPartlyPublished;
  if (caller.kind === 'connection' && !mayHaveIt) throw neverSent(context, postId, delivery);
  await settleAsPosted(tx, delivery.id, sent);
  return true;
}

/** Deliveries of the channel that are this post of the network, or a part of whose thread it is. */
async function findRecorded(
  tx: Transaction,
  channelId: string,
  remoteId: string,
): Promise<{ id: string; isWhole: boolean }[]> {
  return tx.$queryRaw`
    select id, true as "isWhole" from delivery where channel_id = ${channelId} and remote_id = ${remoteId}
    union all
    select d.id, false from delivery_part p join delivery d on d.id = p.delivery_id
    where p.remote_id = ${remoteId} and d.channel_id = ${channelId}`;
}

function neverSent({ publicUrl }: Context, postId: string, { channelId }: LockedDelivery) {
  return notAllowed({
    code: 'needs_person',
    message: 'Nothing of this post was sent on this channel, so only a person can say that it is there.',
    nextStep: `Ask the person to record it at ${publicUrl}${settlePath(postId, channelId)}, or use action retry or give_up.`,
  });
}

async function readPost(
  context: Context,
  tx: Transaction,
  delivery: LockedDelivery,
  permalink: string | undefined,
): Promise<SentPart> {
  if (!permalink) {
    throw invalidInput({
      code: 'permalink_missing',
      field: 'permalink',
      message: 'To record it as posted, give the address of the post on the network.',
    });
  }
  const network = context.networks.get(delivery.network);
  const channel = await tx.channel.findUniqueOrThrow({ where: { id: delivery.channelId } });
  const url = URL.parse(permalink);
  const sent = url && network?.readPermalink(url, channel);
  if (sent) return sent;
  throw invalidInput({
    code: 'wrong_permalink',
    field: 'permalink',
    message: `This is not the address of a post of this channel on ${network?.name ?? delivery.network}.`,
    nextStep: 'Open the post on the network, copy its address, and call again with it.',
  });
}

function alreadyRecorded() {
  return conflict({
    code: 'already_recorded',
    field: 'permalink',
    message: 'Another post is recorded at this address. Give the address of this one.',
  });
}

/** The fence rises, so that a worker that reads it back at this moment changes nothing any more. */
async function settleAsPosted(tx: Transaction, deliveryId: string, sent: SentPart): Promise<void> {
  await tx.$executeRaw`
    with closed as (
      update attempt set outcome = 'interrupted', finished_at = clock_timestamp()
      where delivery_id = ${deliveryId} and outcome is null
    ),
    first as materialized (
      select p.remote_id, p.remote_url, p.published_at from delivery_part p
      where p.delivery_id = ${deliveryId} and p.part_no = 1 and p.remote_id is not null
    ),
    live as (
      update delivery_part p set remote_id = ${sent.remoteId}, remote_url = ${sent.remoteUrl},
        published_at = clock_timestamp()
      where p.delivery_id = ${deliveryId} and not exists (
          select from delivery_part known where known.delivery_id = p.delivery_id and known.remote_id = ${sent.remoteId})
        and p.part_no = (select min(open.part_no) from delivery_part open
          where open.delivery_id = p.delivery_id and open.remote_id is null)
    )
    update delivery d set state = 'published',
      remote_id = coalesce((select remote_id from first), ${sent.remoteId}),
      remote_url = coalesce((select remote_url from first), ${sent.remoteUrl}),
      published_at = coalesce((select published_at from first), d.send_started_at, clock_timestamp()),
      send_started_at = null, payload_hash = null, held_from = null, problem_code = null, problem_message = null,
      fence = fence + 1, lease_until = null, hinted_at = null, updated_at = clock_timestamp()
    where d.id = ${deliveryId}`;
}
