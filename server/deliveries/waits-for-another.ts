import { Prisma } from '../../prisma/generated/client.ts';

/** Whoever comes back within this is waited for; a longer pause lets later ones pass. */
const SHORT_PAUSE_SECONDS = 15;
/** An unclear send is waited for no longer than this. */
const LONGEST_UNCLEAR_SECONDS = 600;

/**
 * Over a delivery `d`: another of its channel is going out, or must before it. What is due earlier goes first, also while it
 * is being found out whether the network has it. What was put off for long, cannot be asked about, or was held is passed by,
 * so that nothing starves. What a worker began is gone on with before anything that nobody began, also when that worker is
 * dead: else the two would wait for each other until somebody looks again.
 */
export const WAITS_FOR_ANOTHER_SQL = Prisma.sql`exists (
  select from delivery other
  where other.channel_id = d.channel_id and other.id <> d.id
    and other.state in ('scheduled', 'claimed', 'prepared', 'sending', 'unknown')
    and other.due_at <= (select clock_timestamp())
    and case other.state
      when 'sending' then true
      when 'scheduled' then d.state = 'scheduled' and (other.due_at, other.id) < (d.due_at, d.id)
        and other.not_before <= (select clock_timestamp()) + make_interval(secs => ${SHORT_PAUSE_SECONDS})
      when 'unknown' then (other.due_at, other.id) < (d.due_at, d.id) and other.retry_count = 0
        and other.not_before <= (select clock_timestamp()) + make_interval(secs => ${LONGEST_UNCLEAR_SECONDS})
        and other.send_started_at > (select clock_timestamp()) - make_interval(secs => ${LONGEST_UNCLEAR_SECONDS})
      else d.state = 'scheduled' or other.lease_until > (select clock_timestamp())
        or (other.due_at, other.id) < (d.due_at, d.id) end)`;
