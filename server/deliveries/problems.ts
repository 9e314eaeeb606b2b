/** Why a delivery stopped, as a code, and what a person reads about it. Texts are safe to show. */
export const PROBLEMS = {
  too_late: 'Its time had passed for too long, so it was not sent. Schedule it anew.',
  connection_revoked:
    'The connection that scheduled this post was revoked. Hand the post over to yourself to send it all the same, or cancel it.',
  connection_limited:
    'The connection that scheduled this post may no longer schedule. Hand the post over to yourself to send it all the same, or cancel it.',
  connection_suspect:
    'A stolen token may have been used to schedule this post. Look at it and approve it to send it all the same, or cancel it.',
  member_removed:
    'The person under whom this post was scheduled is no longer in the team. Schedule it again to send it.',
  role_lowered:
    'The person under whom this post was scheduled may now only look. Schedule it again to send it.',
  channel_disconnected: 'The channel was disconnected. Link it again, then schedule the post again.',
  channel_needs_reconnect: 'The channel must be linked again; then the post goes out if it is not too late.',
  channel_blocked:
    'The network does not let this account post. Settle it with the network and link the channel again.',
  campaign_paused: 'The campaign is paused, so the post is held until the campaign is active again.',
  campaign_archived: 'The campaign is archived, so the post is held until the campaign is active again.',
  approval_missing: 'Nobody approved exactly this revision. Approve it, or schedule the post again.',
  approval_rejected: 'A person rejected exactly this revision. Change the post, or approve it after all.',
  policy_denied:
    'A rule of the team does not allow this post. Hand it over to yourself to send it all the same, or cancel it.',
  policy_needs_person: 'A rule of the team asks for a person. Approve the post to send it, or cancel it.',
  network_unknown: 'This server does not know the network of the channel any more. Link another channel.',
  network_unreachable: 'The network could not be reached at any try. Schedule the post again.',
  refused: 'The network refused the post.',
  posted_already:
    'The network says that this account posted exactly this already. Look there; to post it once more, change the text.',
  rate_limited:
    'The network takes no more from this account for a while. The post goes out as soon as it does, if it is not too late by then.',
  publishing_stopped: 'Publishing is stopped. The post is held until it goes on.',
  several_match:
    'The network may have taken the post, and several there look like it. Look at the network and decide.',
  thread_incomplete:
    'A part of the thread is live and the rest was not sent. Look at the network and decide.',
  thread_changed: 'A part of the thread is live with another text. Look at the network and decide.',
  caption_missing: 'The post has no caption for this channel at the scheduled revision. Schedule it again.',
  outcome_unknown:
    'The network may have taken the post, and it cannot be found out. Look at the network and decide.',
  read_back_failed:
    'The network may have taken the post, and could not be asked about it for a long time. Look at the network and decide.',
  given_up:
    'It was given up without finding out whether the network has it, whole or in part. Look at the network before anything else.',
  worker_died:
    'The server stopped several times while it prepared this post. Look at the post, then schedule it again.',
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** What is stored with a delivery that stopped. */
export interface Problem {
  code: string;
  message: string;
}

export function problem(code: ProblemCode): Problem {
  return { code, message: PROBLEMS[code] };
}
