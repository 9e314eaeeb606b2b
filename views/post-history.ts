import { Proposals } from './approval-proposal.ts';
import { Button, Card, Form, Notice, Select } from './components.ts';
import type { ShownContent, ShownDelivery } from './delivery-card.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
import { channelName, type NamedChannel } from './networks.ts';
import { Author } from './post.ts';
import { WordChange, type ShownRun } from './word-change.ts';

export interface PostHistoryViewProps {
  viewer: Viewer;
  postId: string;
  timeZone: string;
  /** The current one. */
  rev: number;
  /** Where and when it would go out. */
  places: string;
  /** Some of it is on the calendar. */
  isScheduled: boolean;
  /** Newest first. */
  revisions: readonly ShownRevision[];
  from: number;
  to: number;
  /** Null when both are the same. */
  change: ShownRevisionChange | null;
  /** What the post would say with the words of `to` where it is not over; none when that is the current one. */
  earlier: readonly ShownDelivery[];
  /** Pictures and problems of it, by delivery. */
  contents: ReadonlyMap<string, ShownContent>;
  /** An owner or editor. */
  mayAct: boolean;
  /** Why nothing was saved. */
  problem: string | undefined;
}

export interface ShownRevision {
  rev: number;
  at: Date;
  author: { personName: string; clientName: string | null } | null;
  decisions: readonly { decision: 'approved' | 'rejected'; personName: string; at: Date }[];
}

export interface ShownRevisionChange {
  channels: readonly (NamedChannel & {
    channelId: string;
    kind: 'same' | 'changed' | 'added' | 'removed';
    parts: readonly (readonly ShownRun[])[];
  })[];
  /** Sentences. */
  pictures: readonly string[];
}

export function PostHistoryView(props: PostHistoryViewProps) {
  const { viewer, postId, revisions, from, to, change, problem } = props;
  const back = { href: `/posts/${postId}`, label: 'The post' };
  return html`<${Layout}
    title="History of a post"
    viewer=${viewer}
    section="posts"
    back=${back}
    styles=${['posts', 'approval']}
  >
    <h1>History</h1>
    ${problem && html`<${Notice} tone="problem" title="Nothing was saved.">${problem}<//>`}
    ${revisions.length > 1 && html`<${Chooser} ...${{ postId, revisions, from, to }} />`}
    ${change && html`<${Difference} ...${{ from, to, change }} />`}
    <${Earlier} ...${props} />
    <${Card} title="Revisions">
      <ol class="list" reversed>
        ${revisions.map((revision) => html`<${Revision} key=${revision.rev} revision=${revision} ...${props} />`)}
      </ol>
    <//>
  <//>`;
}

function Chooser({
  postId,
  revisions,
  from,
  to,
}: Pick<PostHistoryViewProps, 'postId' | 'revisions' | 'from' | 'to'>) {
  const options = revisions.map(({ rev }) => ({ value: String(rev), label: `Revision ${rev}` }));
  return html`<form
    class="filters card"
    method="get"
    action=${`/posts/${postId}/history`}
    aria-label="Compare"
  >
    <${Select} label="From" name="from" options=${options} value=${String(from)} />
    <${Select} label="To" name="to" options=${options} value=${String(to)} />
    <div class="actions"><${Button} look="plain">Compare<//></div>
  </form>`;
}

const KINDS = {
  same: 'Says the same.',
  changed: null,
  added: 'The post did not go there before.',
  removed: 'The post does not go there any more.',
};

function Difference({ from, to, change }: { from: number; to: number; change: ShownRevisionChange }) {
  return html`<${Card} title=${`From revision ${from} to ${to}`}>
    ${change.channels.map(
      (channel) =>
        html`<div key=${channel.channelId} class="change">
          <h3>${channelName(channel)}</h3>
          ${KINDS[channel.kind] && html`<p class="hint">${KINDS[channel.kind]}</p>`}
          ${
            channel.kind === 'changed' &&
            channel.parts.map((runs, index) => html`<${WordChange} key=${index} runs=${runs} />`)
          }
        </div>`,
    )}
    ${
      change.pictures.length > 0 &&
      html`<ul>
        ${change.pictures.map((sentence) => html`<li>${sentence}</li>`)}
      </ul>`
    }
  <//>`;
}

/** All that using an earlier revision again is a yes to, and the button. */
function Earlier(props: PostHistoryViewProps) {
  const { viewer, postId, timeZone, rev, places, isScheduled, from, to, earlier, contents, mayAct } = props;
  if (earlier.length === 0) return null;
  return html`<div class="through">
    <${Notice} title=${`With the text of revision ${to} the post says this`}>
      <p>Its channels and pictures stay as they are now.</p>
    <//>
    <${Proposals} deliveries=${earlier} ...${{ contents, timeZone }} />
    ${
      mayAct &&
      html`<${Form}
        action=${`/posts/${postId}/history?from=${from}&to=${to}`}
        csrfToken=${viewer.csrfToken}
        label=${`Use revision ${to} again`}
      >
        <input type="hidden" name="rev" value=${rev} />
        <input type="hidden" name="places" value=${places} />
        ${isScheduled && html`<p class="hint">What is on the schedule keeps its time, and this counts as your yes to all of it.</p>`}
        <${Button} look="plain" name="use" value=${String(to)}>Use this text again<//>
      <//>`
    }
  </div>`;
}

function Revision({ revision, ...props }: PostHistoryViewProps & { revision: ShownRevision }) {
  const { postId, timeZone, rev } = props;
  const { author, decisions } = revision;
  const isCurrent = revision.rev === rev;
  return html`<li>
    <div class="line">
      <p>
        <strong>Revision ${revision.rev}</strong>${' '}
        ${isCurrent && html`<span class="badge" data-tone="note">now</span>`}
      </p>
      <p class="meta">
        ${revision.rev > 1 && html`<a href=${`/posts/${postId}/history?from=${revision.rev - 1}&to=${revision.rev}`}>What it changed</a>`}
        ${!isCurrent && html`<a href=${`/posts/${postId}/history?from=${rev}&to=${revision.rev}`}>All of its text<span class="hidden">${`: revision ${revision.rev}`}</span></a>`}
      </p>
    </div>
    <p class="meta">
      ${author ? html`<span>by <${Author} ...${author} /></span>` : html`<span>nobody kept who wrote it</span>`}
      <${Moment} at=${revision.at} timeZone=${timeZone} />
    </p>
    ${decisions.map(
      ({ decision, personName, at }) =>
        html`<p class="meta">
          <span>${decision} by ${personName}</span>
          <${Moment} at=${at} timeZone=${timeZone} />
        </p>`,
    )}
  </li>`;
}
