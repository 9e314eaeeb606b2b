import { Button, Card, EmptyState, Field, Form, Notice, Select } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { channelName } from './networks.ts';

export interface QueueSlotsViewProps {
  viewer: Viewer;
  done: string | undefined;
  /** `days`: times HH:MM of each day, Monday first. */
  channel: {
    channelId: string;
    network: string;
    handle: string;
    imitates: string | null;
    days: readonly (readonly string[])[];
  };
  /** The team's, in which the times are. */
  timeZone: string;
  mayAct: boolean;
  /** What was sent, when it was not taken. */
  values: { weekday: string; time: string };
  problem?: { field: string | undefined; message: string } | undefined;
}

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** The week of one channel: when its posts go out that were given no time of their own. */
export function QueueSlotsView(props: QueueSlotsViewProps) {
  const { viewer, done, channel, timeZone, mayAct } = props;
  const name = channelName(channel);
  const isEmpty = channel.days.every((times) => times.length === 0);
  return html`<${Layout}
    title=${`Queue slots of ${name}`}
    viewer=${viewer}
    section="channels"
    back=${{ href: '/channels', label: 'Channels' }}
    styles=${['queue-slots']}
  >
    <h1>Queue slots of ${name}</h1>
    <p>
      A post that is to go out at the next free slot takes the first of these that no other post is near.
      Times are those of clocks in ${timeZone}, summer and winter. What is on the calendar already stays where
      it is.
    </p>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    <${Card} title="The week">
      ${isEmpty && html`<${EmptyState} title="No slots yet."><p>Without any, every post needs a time of its own.</p><//>`}
      <${Form}
        action=${`/channels/${channel.channelId}/slots`}
        csrfToken=${viewer.csrfToken}
        label="The week"
      >
        <table class="week">
          <tbody>
            ${channel.days.map((times, index) => html`<${Day} key=${index} weekday=${index + 1} times=${times} mayAct=${mayAct} />`)}
          </tbody>
        </table>
      <//>
    <//>
    ${mayAct && html`<${AddSlot} ...${props} />`}
  <//>`;
}

function Day({ weekday, times, mayAct }: { weekday: number; times: readonly string[]; mayAct: boolean }) {
  const day = DAYS[weekday - 1];
  return html`<tr>
    <th scope="row">${day}</th>
    <td>
      ${times.length === 0 && html`<span class="hint">none</span>`}
      <ul class="slots">
        ${times.map(
          (time) =>
            html`<li key=${time}>
              <time>${time}</time>
              ${
                mayAct &&
                html`<${Button} look="plain" name="remove" value=${`${weekday} ${time}`}
                  >Remove<span class="hidden"> ${day} ${time}</span><//
                >`
              }
            </li>`,
        )}
      </ul>
    </td>
    <td>
      ${
        mayAct &&
        times.length > 0 &&
        html`<${Button} look="plain" name="copy" value=${weekday}
          >Copy <span class="hidden">${day}${' '}</span>to Mon–Fri<//
        >`
      }
    </td>
  </tr>`;
}

function AddSlot({ viewer, channel, values, problem }: QueueSlotsViewProps) {
  const errorOf = (field: string) => (problem?.field === field ? problem.message : undefined);
  const options = [
    { value: 'workdays', label: 'Monday to Friday' },
    ...DAYS.map((label, index) => ({ value: String(index + 1), label })),
  ];
  return html`<${Card} title="Add a slot">
    <${Form}
      action=${`/channels/${channel.channelId}/slots`}
      csrfToken=${viewer.csrfToken}
      label="Add a slot"
    >
      <${Select}
        label="Day"
        name="weekday"
        options=${options}
        value=${values.weekday}
        error=${errorOf('weekday')}
      />
      <${Field} label="Time" name="time" type="time" required value=${values.time} error=${errorOf('time')} />
      <${Button}>Add<//>
    <//>
  <//>`;
}
