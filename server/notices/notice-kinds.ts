/** What people are told of, and the words for it. The triggers that write notices know the same names. */
export const NOTICE_KINDS = {
  'post.awaiting_approval': 'A post waits for somebody’s approval.',
  'post.needs_attention': 'A post needs somebody to look at it: it may be on the network, or only in part.',
  'post.held': 'A post is held and does not go out by itself.',
  'post.failed': 'A post could not be published.',
  'post.missed': 'A post was too late and was not sent.',
  'channel.needs_reconnect': 'A channel must be linked again: the network no longer accepts its sign-in.',
  'channel.link_ends': 'The link to a channel ends soon and cannot be renewed by itself.',
  'publishing.stopped': 'Publishing was stopped: what is due is held until it goes on.',
  'publishing.resumed': 'Publishing goes on: what was held and is not too late goes out.',
  'webhook.test': 'Somebody asked for a test.',
} as const;

export type NoticeKind = keyof typeof NOTICE_KINDS;
