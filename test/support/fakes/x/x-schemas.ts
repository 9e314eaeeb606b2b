// Requests and answers of the X API v2 as its description gives them: https://api.x.com/2/openapi.json, version 2.167, read
// 2026-11-21. The description stands under X's Developer Agreement, which lets nobody pass it on, so these schemas are written by
// hand after it; compare-description-process.ts holds them against a copy of it.
const ID = { type: 'string', pattern: '^[0-9]{1,19}$' } as const;
const TEXT = { type: 'string' } as const;
const COUNT = { type: 'integer', minimum: 0 } as const;

const list = (items: object, limits: object = {}) => ({ type: 'array', items, ...limits });
const exactly = (properties: Record<string, object>, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const atLeast = (properties: Record<string, object>, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
});
const oneOf = (...values: string[]) => ({ type: 'string', enum: values });
const fields = (...values: string[]) => list(oneOf(...values), { minItems: 1, uniqueItems: true });

const REPLY_SETTINGS = oneOf('following', 'mentionedUsers', 'subscribers', 'verified');
const POST_FIELDS = fields(
  ...'article article_title attachments card_uri community_id context_annotations conversation_id created_at'.split(
    ' ',
  ),
  ...'display_text_range edit_controls entities geo id lang matched_media_notes media_metadata'.split(' '),
  ...'non_public_metrics note_post note_request_suggestions organic_metrics paid_partnership'.split(' '),
  ...'possibly_sensitive promoted_metrics public_metrics reply_settings scopes source'.split(' '),
  ...'suggested_source_links suggested_source_links_with_counts text withheld'.split(' '),
);
const USER_FIELDS = fields(
  ...'confirmed_email connection_status created_at description entities id is_identity_verified location name'.split(
    ' ',
  ),
  ...'parody profile_banner_url profile_image_url protected public_metrics receives_your_dm subscribes_to_you'.split(
    ' ',
  ),
  ...'subscription subscription_type url username verified verified_followers_count verified_type withheld'.split(
    ' ',
  ),
);
const POST_EXPANSIONS = fields(
  ...'article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet'.split(
    ' ',
  ),
  ...'attachments.poll_ids author_id edit_history_post_ids entities.mentions.username geo.place_id'.split(
    ' ',
  ),
  ...'in_reply_to_user_id referenced_posts username'.split(' '),
);

/** Bodies by operation. A `media` of a form is told by its length alone. */
export const BODIES = {
  createPost: exactly({
    card_uri: TEXT,
    community_id: ID,
    direct_message_deep_link: TEXT,
    edit_options: exactly({ previous_post_id: ID }, ['previous_post_id']),
    for_super_followers_only: { type: 'boolean' },
    geo: exactly({ place_id: TEXT }, ['place_id']),
    made_with_ai: { type: 'boolean' },
    media: exactly(
      {
        call_to_actions: { type: 'object' },
        description: TEXT,
        embeddable: { type: 'boolean' },
        media_ids: list(ID, { minItems: 1, maxItems: 4 }),
        preview_media_id: ID,
        tagged_user_ids: list(ID, { maxItems: 10 }),
        title: TEXT,
      },
      ['media_ids'],
    ),
    nullcast: { type: 'boolean' },
    paid_partnership: { type: 'boolean' },
    poll: exactly(
      {
        duration_minutes: { type: 'integer', minimum: 5, maximum: 10_080 },
        options: list({ type: 'string', minLength: 1, maxLength: 25 }, { minItems: 2, maxItems: 4 }),
        reply_settings: REPLY_SETTINGS,
      },
      ['options', 'duration_minutes'],
    ),
    quote_tweet_id: ID,
    reply: exactly(
      {
        auto_populate_reply_metadata: { type: 'boolean' },
        exclude_reply_user_ids: list(TEXT),
        in_reply_to_tweet_id: ID,
      },
      ['in_reply_to_tweet_id'],
    ),
    reply_settings: REPLY_SETTINGS,
    share_with_followers: { type: 'boolean' },
    text: TEXT,
  }),
  uploadMedia: exactly(
    {
      additional_owners: TEXT,
      media: TEXT,
      media_category: oneOf(
        ...'tweet_image tweet_video tweet_gif dm_image dm_video dm_gif subtitles'.split(' '),
      ),
    },
    ['media', 'media_category'],
  ),
  initializeUpload: exactly({
    additional_owners: list(ID),
    media_category: oneOf(
      ...'amplify_video tweet_gif tweet_image tweet_video dm_gif dm_image dm_video subtitles'.split(' '),
    ),
    media_type: oneOf(
      ...'video/mp4 video/webm video/mp2t video/quicktime text/srt text/vtt image/jpeg image/gif'.split(' '),
      ...'image/bmp image/png image/webp image/pjpeg image/tiff model/gltf-binary model/vnd.usdz+zip'.split(
        ' ',
      ),
    ),
    shared: { type: 'boolean' },
    total_bytes: { type: 'integer', minimum: 0, maximum: 17_179_869_184 },
  }),
  appendUpload: exactly({ media: TEXT, segment_index: { type: 'integer', minimum: 0, maximum: 999 } }, [
    'media',
    'segment_index',
  ]),
  createMetadata: atLeast(
    {
      id: ID,
      metadata: atLeast({ alt_text: atLeast({ text: { type: 'string', maxLength: 1000 } }, ['text']) }),
    },
    ['id'],
  ),
} as const;

const POST_QUERY = {
  'post.fields': POST_FIELDS,
  'user.fields': USER_FIELDS,
  'media.fields': fields(
    ...'alt_text duration_ms height media_key non_public_metrics organic_metrics preview_image_url'.split(
      ' ',
    ),
    ...'promoted_metrics public_metrics type url variants width'.split(' '),
  ),
  'poll.fields': fields(...'duration_minutes end_datetime id options voting_status'.split(' ')),
  'place.fields': fields(
    ...'contained_within country country_code full_name geo id name place_type'.split(' '),
  ),
  expansions: POST_EXPANSIONS,
};

/** Query parameters by operation, lists and numbers as such. */
export const QUERIES = {
  readPosts: exactly({ ...POST_QUERY, ids: list(ID, { minItems: 1, maxItems: 100 }) }, ['ids']),
  readPost: exactly(POST_QUERY),
  listPosts: exactly({
    ...POST_QUERY,
    max_results: { type: 'integer', minimum: 5, maximum: 100 },
    pagination_token: { type: 'string', minLength: 1 },
    start_time: { type: 'string', format: 'date-time' },
    end_time: { type: 'string', format: 'date-time' },
    since_id: ID,
    until_id: ID,
    exclude: fields('replies', 'retweets'),
  }),
  readMe: exactly({
    'user.fields': USER_FIELDS,
    'post.fields': POST_FIELDS,
    expansions: fields('affiliation', 'most_recent_post_id', 'pinned_post_id'),
  }),
  readUpload: exactly({ media_id: ID, command: oneOf('STATUS') }, ['media_id']),
  none: exactly({}),
} as const;

const MEDIA = {
  id: TEXT,
  media_key: TEXT,
  size: COUNT,
  expires_after_secs: COUNT,
  image: { type: 'object' },
  video: { type: 'object' },
  processing_info: exactly({ state: TEXT, check_after_secs: COUNT, progress_percent: COUNT }),
};
const METRICS = 'repost_count reply_count like_count quote_count bookmark_count impression_count'.split(' ');
const USER_METRICS = 'followers_count following_count post_count listed_count'.split(' ');
const POST = atLeast({
  id: TEXT,
  text: TEXT,
  created_at: { type: 'string', format: 'date-time' },
  conversation_id: TEXT,
  attachments: { type: 'object' },
  entities: atLeast({
    urls: list(atLeast({ start: COUNT, end: COUNT, url: TEXT, expanded_url: TEXT }, ['start', 'end'])),
  }),
  note_post: atLeast({ text: TEXT }, ['text']),
  public_metrics: atLeast(Object.fromEntries(METRICS.map((name) => [name, COUNT])), METRICS),
});
const USER = atLeast({
  id: TEXT,
  username: TEXT,
  name: TEXT,
  public_metrics: atLeast(Object.fromEntries(USER_METRICS.map((name) => [name, COUNT])), USER_METRICS),
});
const answer = (data: object) => atLeast({ data, errors: list({ type: 'object' }) });

/** What successful answers hold, by operation. */
export const ANSWERS = {
  createPost: answer(atLeast({ id: ID, text: TEXT }, ['id', 'text'])),
  deletePost: answer(atLeast({ deleted: { type: 'boolean' } }, ['deleted'])),
  readPosts: answer(list(POST)),
  readPost: answer(POST),
  listPosts: answer(list(POST)),
  readMe: answer(USER),
  uploadMedia: answer(atLeast(MEDIA, ['id'])),
  initializeUpload: answer(atLeast({ id: TEXT, media_key: TEXT, expires_after_secs: COUNT }, ['id'])),
  appendUpload: answer(atLeast({ expires_at: COUNT })),
  finalizeUpload: answer(atLeast(MEDIA, ['id'])),
  readUpload: answer(atLeast(MEDIA, ['id'])),
  createMetadata: answer(atLeast({ id: TEXT }, ['id'])),
} as const;

export type XOperation = keyof typeof ANSWERS;
