import { Pager } from './components.ts';
import { html } from './html.ts';
import { Moment } from './moment.ts';
import { channelName } from './networks.ts';
import type { ListedPost } from './post-list.ts';
import { StateBadge } from './state-badge.ts';

export type BoardColumnId = 'drafts' | 'waiting' | 'scheduled' | 'published' | 'attention';

export interface BoardColumn {
  id: BoardColumnId;
  /** All that are in it, shown or not. */
  total: number;
  posts: readonly BoardPost[];
  nextCursor: string | null;
}

export interface BoardPost extends ListedPost {
  /** Its first picture. */
  picture: { src: string; altText: string | null } | null;
  /** Somebody asked a person to look at this draft. */
  isRequested: boolean;
  /** Why it does not go on, where something stops it. */
  problem: string | null;
}

const COLUMNS: Readonly<Record<BoardColumnId, { name: string; nothing: string; state: string }>> = {
  drafts: { name: 'Ideas and drafts', nothing: 'No drafts.', state: 'draft' },
  waiting: {
    name: 'Waiting for approval',
    nothing: 'Nothing waits for a yes.',
    state: 'awaiting_approval',
  },
  scheduled: { name: 'Scheduled', nothing: 'Nothing has a time yet.', state: 'scheduled' },
  published: { name: 'Published', nothing: 'Nothing is out yet.', state: 'published' },
  attention: { name: 'Needs attention', nothing: 'Nothing is stuck.', state: '' },
};

export interface BoardProps {
  campaignId: string;
  columns: readonly BoardColumn[];
  timeZone: string;
  /** Of a column that is shown alone. */
  firstHref?: string | undefined;
}

/** The posts of a campaign in columns by how they stand; on a phone one after the other, with their names as a way there. */
export function Board({ campaignId, columns, timeZone, firstHref }: BoardProps) {
  return html`<div class="board-area">
    ${
      columns.length > 1 &&
      html`<nav class="tabs jumps" aria-label="Columns">
        ${columns.map(
          ({ id, total }) => html`<a key=${id} href=${`#column-${id}`}>${COLUMNS[id].name} ${total}</a>`,
        )}
      </nav>`
    }
    <div class="board" data-columns=${columns.length}>
      ${columns.map((column) => html`<${Column} key=${column.id} ...${{ campaignId, column, timeZone, firstHref }} />`)}
    </div>
  </div>`;
}

function Column({
  campaignId,
  column: { id, total, posts, nextCursor },
  timeZone,
  firstHref,
}: Omit<BoardProps, 'columns'> & { column: BoardColumn }) {
  const { name, nothing, state } = COLUMNS[id];
  const nextHref = nextCursor
    ? `/campaigns/${campaignId}?column=${id}&cursor=${encodeURIComponent(nextCursor)}`
    : undefined;
  return html`<section class="column" id=${`column-${id}`} aria-labelledby=${`column-${id}-name`} data-live>
    <h2 id=${`column-${id}-name`}>${name} <span class="hint">${total}</span></h2>
    ${posts.length === 0 && html`<p class="hint">${nothing}</p>`}
    ${
      posts.length > 0 &&
      html`<ul class="posts" role="list">
        ${posts.map((post) => html`<${PostCard} key=${post.id} ...${{ post, timeZone }} isNamed=${post.state !== state} />`)}
      </ul>`
    }
    <${Pager} nextHref=${nextHref} firstHref=${firstHref} />
  </section>`;
}

function PostCard({ post, timeZone, isNamed }: { post: BoardPost; timeZone: string; isNamed: boolean }) {
  const { id, state, excerpt, picture, when, channels, isRequested, problem } = post;
  const href = state === 'awaiting_approval' || isRequested ? `/posts/${id}/approve` : `/posts/${id}`;
  return html`<li class="post-card" id=${`post-${id}`}>
    ${picture && html`<img src=${picture.src} alt="" width="320" height="180" loading="lazy" />`}
    <p><a class="main" href=${href}>${excerpt || 'No text yet'}</a></p>
    <p class="meta"><span>${channels.map(channelName).join(', ')}</span></p>
    ${when && html`<p class="meta"><${Moment} at=${when} timeZone=${timeZone} /></p>`}
    ${problem && html`<p class="hint">${problem}</p>`}
    ${
      (isNamed || isRequested) &&
      html`<p>
        ${isRequested ? html`<span class="badge" data-tone="warning">Approval asked</span>` : html`<${StateBadge} state=${state} />`}
      </p>`
    }
  </li>`;
}
