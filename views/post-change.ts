import { Card } from './components.ts';
import { html } from './html.ts';
import { Moment } from './moment.ts';
import { channelName, type NamedChannel } from './networks.ts';
import { WordChange, type ShownRun } from './word-change.ts';

export interface ShownChange {
  rev: number;
  /** Who approved that revision; null: it was only looked at. */
  personName: string | null;
  at: Date;
  channels: readonly (NamedChannel & { channelId: string; parts: readonly (readonly ShownRun[])[] | null })[];
  pictures: readonly string[];
  removedChannels: number;
}

/** What a person who approved an earlier revision, or looked at one, has not seen. */
export function PostChange({ change, timeZone }: { change: ShownChange; timeZone: string }) {
  const { rev, personName, at, channels, pictures, removedChannels } = change;
  const title = personName ? 'What changed since it was approved' : 'What changed since you looked';
  return html`<${Card} title=${title}>
    <p class="meta">
      <span>${personName ? `revision ${rev}, approved by ${personName}` : `revision ${rev}, made`}</span>
      <${Moment} at=${at} timeZone=${timeZone} />
    </p>
    ${channels.map(
      (channel) =>
        html`<div key=${channel.channelId} class="change">
          <h3>${channelName(channel)}</h3>
          ${
            channel.parts
              ? channel.parts.map((runs, index) => html`<${WordChange} key=${index} runs=${runs} />`)
              : html`<p>The post did not go there.</p>`
          }
        </div>`,
    )}
    ${removedChannels > 0 && html`<p>${removedChannels === 1 ? 'One channel was' : `${removedChannels} channels were`} taken off.</p>`}
    ${
      pictures.length > 0 &&
      html`<ul>
        ${pictures.map((sentence) => html`<li>${sentence}</li>`)}
      </ul>`
    }
    ${
      channels.length === 0 &&
      pictures.length === 0 &&
      removedChannels === 0 &&
      html`<p>It says the same again.</p>`
    }
  <//>`;
}
