// Entities as the documentation shows them (documented.json); test/networks/mastodon-fake.test.ts compares their fields.
import { toStatusHtml } from './fake-status-text.ts';
import type { MastodonAccount, MastodonState, StoredMedia, StoredStatus } from './mastodon-state.ts';

export function accountEntity(state: MastodonState, { id, username, followersCount }: MastodonAccount) {
  const own = state.statuses.filter(({ accountId }) => accountId === id);
  return {
    id,
    username,
    acct: username,
    display_name: `${username} <b>& Co.</b>`,
    locked: false,
    bot: false,
    discoverable: true,
    indexable: true,
    group: false,
    created_at: '2016-11-24T10:02:12.085Z',
    note: '<p>Here to <script>alert(1)</script> try things out.</p>',
    url: `${state.url}/@${username}`,
    uri: `${state.url}/users/${username}`,
    avatar: `${state.url}/avatars/original/missing.png`,
    avatar_static: `${state.url}/avatars/original/missing.png`,
    header: `${state.url}/headers/original/missing.png`,
    header_static: `${state.url}/headers/original/missing.png`,
    followers_count: followersCount,
    following_count: 1,
    statuses_count: own.length,
    last_status_at: own.at(-1)?.createdAt.toISOString().slice(0, 10) ?? null,
    emojis: [],
    fields: [],
  };
}

export function credentialAccountEntity(state: MastodonState, account: MastodonAccount) {
  return {
    ...accountEntity(state, account),
    source: {
      privacy: 'public',
      sensitive: false,
      language: '',
      note: '',
      fields: [],
      follow_requests_count: 0,
    },
    roles: [],
    role: { id: '-99', name: '', permissions: '65536', color: '', highlighted: false },
  };
}

export function mediaEntity({ url, clock }: MastodonState, media: StoredMedia) {
  const file = `${media.id}.${media.mimeType.split('/')[1]}`;
  return {
    id: media.id,
    type: 'image',
    url: media.readyAt <= clock.now() ? `${url}/media/original/${file}` : null,
    preview_url: `${url}/media/small/${file}`,
    remote_url: null,
    text_url: null,
    meta: {},
    description: media.description,
    blurhash: null,
  };
}

export function statusEntity(state: MastodonState, status: StoredStatus) {
  const account = state.accounts.get(status.accountId)!;
  const { id, visibility, counts } = status;
  return {
    id,
    created_at: status.createdAt.toISOString(),
    in_reply_to_id: status.inReplyToId,
    in_reply_to_account_id: status.inReplyToId && status.accountId,
    sensitive: false,
    spoiler_text: '',
    visibility,
    language: 'en',
    uri: `${state.url}/users/${account.username}/statuses/${id}`,
    url: `${state.url}/@${account.username}/${id}`,
    replies_count: counts.replies,
    reblogs_count: counts.reblogs,
    favourites_count: counts.favourites,
    quotes_count: counts.quotes,
    favourited: false,
    reblogged: false,
    muted: false,
    bookmarked: false,
    pinned: false,
    content: toStatusHtml(status.text, state.url),
    reblog: null,
    application: { name: status.appName, website: null },
    account: accountEntity(state, account),
    media_attachments: status.mediaIds.map((mediaId) => mediaEntity(state, state.media.get(mediaId)!)),
    mentions: [],
    tags: [],
    emojis: [],
    card: null,
    poll: null,
  };
}

export function instanceEntity({ url, traits }: MastodonState) {
  return {
    domain: new URL(url).host,
    title: 'Stand-in',
    version: traits.hasMetadata ? '4.5.0' : '4.2.0',
    source_url: 'https://github.com/mastodon/mastodon',
    description: 'A server of a test',
    languages: ['en'],
    configuration: configurationOf(traits.limits),
    registrations: { enabled: false, approval_required: false, message: null },
    ...(traits.hasMetadata && { api_versions: { mastodon: 6 } }),
    rules: [],
  };
}

export function instanceV1Entity({ url, traits }: MastodonState) {
  return {
    uri: new URL(url).host,
    title: 'Stand-in',
    short_description: 'A server of a test',
    description: '',
    version: '3.5.3',
    urls: { streaming_api: 'wss://localhost' },
    languages: ['en'],
    registrations: false,
    configuration: configurationOf(traits.limits),
    rules: [],
  };
}

function configurationOf(limits: MastodonState['traits']['limits']) {
  const { max_characters, max_media_attachments, characters_reserved_per_url, ...pictures } = limits;
  return {
    statuses: { max_characters, max_media_attachments, characters_reserved_per_url },
    media_attachments: {
      supported_mime_types: ['image/jpeg', 'image/png', 'image/gif', 'image/webp'],
      ...pictures,
      video_size_limit: 103_809_024,
    },
  };
}
