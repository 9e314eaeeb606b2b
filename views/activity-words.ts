/** What an action did, as in 'Olivia … '. */
export const ACTION_WORDS: Readonly<Record<string, string>> = {
  'person.signed_in': 'signed in',
  'person.sign_in_failed': 'could not sign in: wrong password',
  'person.signed_out': 'signed out',
  'person.password_changed': 'changed their password',
  'member.invited': 'invited somebody',
  'member.joined': 'joined the team',
  'member.removed': 'removed somebody from the team',
  'member.role_changed': 'changed somebody’s role',
  'invitation.taken_back': 'took back an invitation',
  'post.approved': 'approved a post',
  'post.rejected': 'rejected a post',
  'post.cancelled': 'took a post off the schedule',
  'campaign.active': 'made a campaign active',
  'campaign.paused': 'paused a campaign',
  'campaign.archived': 'archived a campaign',
  'campaign.changed': 'changed a campaign',
  'connection.created': 'allowed a client',
  'connection.denied': 'said no to a client',
  'connection.replaced': 'replaced an earlier connection',
  'connection.limited': 'limited what a connection may do',
  'connection.end_changed': 'changed when a connection ends',
  'connection.revoked': 'revoked a connection',
  'connection.handed_over': 'took over what a connection had scheduled',
  'connection.refresh_replayed': 'ended the tokens of a connection: one was used twice',
  'connection.code_replayed': 'ended the tokens of a connection: its code was used twice',
  'token.issued': 'got its first tokens',
  'token.refreshed': 'renewed its tokens',
  'token.used_past_expiry': 'went on with a token that should have been refreshed',
  'policy.publishing_changed': 'changed what a connection may publish',
  'policy.rule_added': 'added a policy rule',
  'policy.rule_removed': 'removed a policy rule',
  'channel.linked': 'linked a channel',
  'channel.disconnected': 'disconnected a channel',
  'delivery.scheduled': 'put a post on the calendar',
  'delivery.moved': 'moved a post on the calendar',
  'delivery.approved': 'let a post go out',
  'delivery.handed_over': 'took over a post',
  'delivery.published': 'published a post',
  'delivery.unknown': 'sent a post and has no answer yet',
  'delivery.needs_attention': 'needs somebody to look at a post',
  'delivery.held': 'held a post',
  'delivery.failed': 'could not publish a post',
  'delivery.missed': 'was too late for a post',
  'delivery.cancelled': 'took a post off the calendar',
  'delivery.taken_down': 'took a post down',
  list_channels: 'looked at the channels',
  get_campaign: 'looked at a campaign',
  update_campaign: 'changed a campaign',
  resolve_delivery: 'settled a delivery',
  take_down_post: 'asked to take a post down',
  create_campaign: 'created a campaign',
  list_campaigns: 'looked at the campaigns',
  create_post: 'drafted a post',
  get_post: 'looked at a post',
  list_posts: 'looked at the posts',
  preview_post: 'previewed a post',
  schedule_post: 'asked to schedule a post',
  cancel_schedule: 'took a post off the schedule',
  request_approval: 'asked a person to approve a post',
  publish_post: 'asked to publish a post now',
};

/** Where what was acted on can be seen; undefined where there is no page for it. */
export function hrefOfTarget(target: string | null): string | undefined {
  if (target?.startsWith('pst_')) return `/posts/${target}`;
  if (target?.startsWith('cmp_')) return `/campaigns/${target}`;
  if (target?.startsWith('con_')) return `/connections/${target}`;
  if (target?.startsWith('chn_')) return '/channels';
  if (target?.startsWith('per_')) return '/people';
  if (target?.startsWith('rul_')) return '/policy';
  return undefined;
}
