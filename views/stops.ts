import { Button, Card, EmptyState, Field, Form, Notice, Select } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
import { channelName, networkName } from './networks.ts';

/** Something that publishing is stopped for. */
export interface ShownStop {
  id: string;
  kind: 'everything' | 'network' | 'client' | 'channel';
  target: string | null;
  network: string | null;
  handle: string | null;
  reason: string;
  isServerWide: boolean;
  createdBy: string | null;
  createdAt: Date;
}

export interface StopsViewProps {
  viewer: Viewer;
  timeZone: string;
  done: string | undefined;
  stops: readonly ShownStop[];
  choices: readonly { value: string; label: string }[];
  isOwner: boolean;
  /** What was sent, when it was not taken. */
  values?: { what: string; reason: string } | undefined;
  problem?: { field: string | undefined; message: string } | undefined;
}

/** What must not go out now, and the way to let it go on. */
export function StopsView(props: StopsViewProps) {
  const { viewer, done, stops, isOwner, problem } = props;
  const back = { href: '/channels', label: 'Channels' };
  return html`<${Layout} title="Stop publishing" viewer=${viewer} section="channels" back=${back}>
    <h1>Stop publishing</h1>
    <p>
      For when something is wrong. What is due is held from that moment on, whoever approved it, and goes out
      when you let it go on, unless it is too late for it. What is being sent at that moment goes through.
    </p>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    ${problem && !isTold(problem.field) && html`<${Notice} tone="problem">${problem.message}<//>`}
    <${Card} title="Stopped now">
      ${
        stops.length === 0
          ? html`<${EmptyState} title="Nothing is stopped." />`
          : html`<ul class="list">
              ${stops.map((stop) => html`<${StopLine} key=${stop.id} ...${props} stop=${stop} />`)}
            </ul>`
      }
    <//>
    ${isOwner ? html`<${StopForm} ...${props} />` : html`<${Notice}>Only an owner of the team stops publishing and lets it go on.<//>`}
  <//>`;
}

/** What is stopped, in a few words. */
export function nameOfStop({ kind, target, network, handle, isServerWide }: ShownStop): string {
  if (kind === 'everything') return isServerWide ? 'Everything on this server' : 'Everything';
  if (kind === 'network') return networkName(target ?? '');
  if (kind === 'client') return `What ${target} scheduled`;
  return network ? channelName({ network, handle: handle ?? '' }) : 'A channel';
}

function StopLine({ viewer, timeZone, isOwner, stop }: StopsViewProps & { stop: ShownStop }) {
  const name = nameOfStop(stop);
  return html`<li>
    <div class="line">
      <strong>${name}</strong>
      <span class="badge" data-tone="problem">Stopped</span>
    </div>
    <p>${stop.reason}</p>
    <p class="meta">
      <span
        >${stop.isServerWide ? 'by the operator of this server' : (stop.createdBy ?? 'by somebody who has left')}</span
      >
      <${Moment} at=${stop.createdAt} timeZone=${timeZone} />
    </p>
    ${
      stop.isServerWide
        ? html`<p class="hint">It holds for every team. Only the operator lets it go on.</p>`
        : isOwner &&
          html`<${Form} action=${`/stops/${stop.id}/lift`} csrfToken=${viewer.csrfToken}>
            <input type="hidden" name="team" value=${viewer.team.id} />
            <${Button} look="plain">Let it go on<span class="hidden">: ${name}</span><//>
          <//>`
    }
  </li>`;
}

function StopForm({ viewer, choices, values, problem }: StopsViewProps) {
  const errorOf = (field: string) => (problem?.field === field ? problem.message : undefined);
  return html`<${Card} title="Stop">
    <${Form} action="/stops" csrfToken=${viewer.csrfToken} label="Stop publishing">
      <input type="hidden" name="team" value=${viewer.team.id} />
      <${Select} label="What" name="what" options=${choices} value=${values?.what} error=${errorOf('what')} />
      <${Field}
        label="Why"
        name="reason"
        value=${values?.reason}
        maxlength=${300}
        hint="People read it with every post that is held."
        error=${errorOf('reason')}
        autocomplete="off"
        required
      />
      <${Button} look="danger">Stop<//>
    <//>
  <//>`;
}

const isTold = (field: string | undefined) => field === 'what' || field === 'reason';
