/** Tools that put posts on the calendar or send them: rules decide about them channel by channel. */
export const PUBLISHING_TOOLS: readonly string[] = ['schedule_post', 'publish_post'];

/** Every tool that a rule can name, in the order in which clients see them. */
export const TOOL_NAMES: readonly string[] = [
  'list_campaigns',
  'get_campaign',
  'create_campaign',
  'update_campaign',
  'list_channels',
  'generate_captions',
  'create_post',
  'list_posts',
  'get_post',
  'update_post',
  'preview_post',
  'discard_post',
  'find_slots',
  'schedule_post',
  'cancel_schedule',
  'request_approval',
  'publish_post',
  'resolve_delivery',
  'take_down_post',
  'get_post_metrics',
  'get_campaign_metrics',
  'get_channel_metrics',
  'list_activity',
  'upload_media',
  'list_media',
  'update_media',
  'delete_media',
];
