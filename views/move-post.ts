import { Proposals } from './approval-proposal.ts';
import { Caption } from './caption.ts';
import { Button, Field, Form, LinkButton, Notice } from './components.ts';
import type { ShownContent, ShownDelivery } from './delivery-card.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
import { channelName, type NamedChannel } from './networks.ts';
import { StateBadge } from './state-badge.ts';

export interface MoveChannel extends NamedChannel {
  channelId: string;
  state: string;
  dueAt: Date | null;
  isChosen: boolean;
  /** Nothing of it went out, and nothing is under way. */
  isMovable: boolean;
}

export interface MovePostViewProps {
  viewer: Viewer;
  postId: string;
  rev: number;
  contentHash: string;
  /** Of the first channel to be moved. */
  parts: readonly string[];
  /** All that a yes counts for, with what would go out there; none where nobody is asked for one. */
  proposals: readonly ShownDelivery[];
  contents: ReadonlyMap<string, ShownContent>;
  channels: readonly MoveChannel[];
  /** The team's IANA zone. */
  timeZone: string;
  date: string;
  time: string;
  /** Of the address of the calendar that the person came from. */
  calendar: URLSearchParams | null;
  problem: { field: 'time' | null; message: string } | null;
}

/** Another time for a post, by keyboard and without scripts. */
export function MovePostView(props: MovePostViewProps) {
  const { viewer, postId, channels, calendar, problem, proposals, contents, timeZone } = props;
  const back = calendar
    ? { href: `/calendar?${calendar}`, label: 'Calendar' }
    : { href: `/posts/${postId}`, label: 'The post' };
  const verb = verbOf(props);
  const isAny = channels.some(({ isMovable }) => isMovable);
  return html`<${Layout}
    title=${`${verb} a post`}
    viewer=${viewer}
    section="calendar"
    back=${back}
    width="narrow"
    styles=${['posts', 'approval', 'move-post']}
  >
    <h1>${verb} the post</h1>
    ${problem && html`<${Notice} tone="problem" title=${`It was not ${verb === 'Move' ? 'moved' : 'scheduled'}.`}><p>${problem.message}</p><//>`}
    ${
      proposals.length === 0
        ? html`<section class="card" aria-label="The post"><${Caption} parts=${props.parts} /></section>`
        : html`<${Proposals} deliveries=${proposals} ...${{ contents, timeZone }} />`
    }
    ${
      isAny
        ? html`<${MoveForm} ...${props} backHref=${back.href} />`
        : html`<${Notice} title="It cannot be moved any more."
            ><p>
              It went out, or it is going out at this moment: ${' '}
              <a href=${`/posts/${postId}`}>see how it went</a>.
            </p><//
          >`
    }
  <//>`;
}

/** A draft has no time that it could be moved from. */
function verbOf({ channels }: MovePostViewProps): string {
  return channels.some(({ dueAt }) => dueAt) ? 'Move' : 'Schedule';
}

function MoveForm(props: MovePostViewProps & { backHref: string }) {
  const { viewer, postId, channels, timeZone, date, time, calendar, problem, backHref } = props;
  const verb = verbOf(props);
  const isYes = props.proposals.length > 0;
  return html`<${Form} action=${`/posts/${postId}/move`} csrfToken=${viewer.csrfToken} label="Move">
    <input type="hidden" name="rev" value=${props.rev} />
    <input type="hidden" name="content_hash" value=${props.contentHash} />
    ${calendar && html`<input type="hidden" name="calendar" value=${`${calendar}`} />`}
    <fieldset class="channels">
      <legend>Where</legend>
      ${channels.map((channel) => html`<${Channel} key=${channel.channelId} channel=${channel} timeZone=${timeZone} />`)}
    </fieldset>
    <div class="when">
      <${Field} label="Day" name="date" type="date" value=${date} required />
      <${Field}
        label="Time"
        name="time"
        type="time"
        value=${time}
        required
        hint=${`In ${timeZone}.`}
        error=${problem?.field === 'time' ? problem.message : undefined}
      />
    </div>
    ${
      isYes
        ? html`<${Notice}
            tone="warning"
            title=${verb === 'Move' ? 'Moving it is your yes to it.' : 'Scheduling it is your yes to it.'}
          >
            <p>
              At that time it goes out under your name, and nobody else is asked. The yes counts for all that
              is shown above.
            </p>
          <//>`
        : html`<p class="hint">It then goes out under your name.</p>`
    }
    <div class="decision">
      <${Button}>${isYes ? `Approve and ${verb.toLowerCase()}` : verb}<//>
      <${LinkButton} href=${backHref}>Leave it<//>
    </div>
  <//>`;
}

function Channel({ channel, timeZone }: { channel: MoveChannel; timeZone: string }) {
  const { channelId, state, dueAt, isChosen, isMovable } = channel;
  const id = `channel-${channelId}`;
  return html`<div class="line">
    <label for=${id}>
      <input
        type="checkbox"
        id=${id}
        name="channel"
        value=${channelId}
        checked=${isChosen && isMovable}
        disabled=${!isMovable}
      />
      ${' '}${channelName(channel)}
    </label>
    <span class="meta">
      <${StateBadge} state=${state} />
      ${dueAt && html`<${Moment} at=${dueAt} timeZone=${timeZone} />`}
    </span>
  </div>`;
}
