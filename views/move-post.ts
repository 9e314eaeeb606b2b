import { Caption } from './caption.ts';
import { Button, Field, Form, LinkButton, Notice } from './components.ts';
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
  parts: readonly string[];
  channels: readonly MoveChannel[];
  /** The team's IANA zone. */
  timeZone: string;
  date: string;
  time: string;
  /** The calendar that the person came from: its view and day. */
  calendar: { view: string; from: string } | null;
  /** Nobody approved it so far, and moving it would. */
  isYes: boolean;
  problem: { field: 'time' | null; message: string } | null;
}

/** Another time for a post, by keyboard and without scripts. */
export function MovePostView(props: MovePostViewProps) {
  const { viewer, postId, channels, calendar, problem } = props;
  const back = calendar
    ? { href: `/calendar?${new URLSearchParams(calendar)}`, label: 'Calendar' }
    : { href: `/posts/${postId}`, label: 'The post' };
  const verb = verbOf(props);
  const isAny = channels.some(({ isMovable }) => isMovable);
  return html`<${Layout}
    title=${`${verb} a post`}
    viewer=${viewer}
    section="calendar"
    back=${back}
    width="narrow"
    styles=${['move-post']}
  >
    <h1>${verb} the post</h1>
    ${problem && html`<${Notice} tone="problem" title=${`It was not ${verb === 'Move' ? 'moved' : 'scheduled'}.`}><p>${problem.message}</p><//>`}
    <section class="card" aria-label="The post"><${Caption} parts=${props.parts} /></section>
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
  const { viewer, postId, rev, channels, timeZone, date, time, calendar, isYes, problem, backHref } = props;
  const verb = verbOf(props);
  return html`<${Form} action=${`/posts/${postId}/move`} csrfToken=${viewer.csrfToken} label="Move">
    <input type="hidden" name="rev" value=${rev} />
    ${calendar && html`<input type="hidden" name="view" value=${calendar.view} />`}
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
            <p>At that time it goes out under your name, and nobody else is asked.</p>
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
