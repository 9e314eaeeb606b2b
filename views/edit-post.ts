import { Button, Field, Form, LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { channelName, type NamedChannel } from './networks.ts';

export interface EditPostViewProps {
  viewer: Viewer;
  postId: string;
  rev: number;
  /** Where and when it goes out. */
  places: string;
  /** Some of it is on the calendar. */
  isScheduled: boolean;
  channels: readonly (NamedChannel & { channelId: string; parts: readonly string[] })[];
  /** Why it was not saved. */
  problem?: string | undefined;
}

/** The words of a post, channel by channel and part by part. */
export function EditPostView(props: EditPostViewProps) {
  const { viewer, postId, rev, places, isScheduled, channels, problem } = props;
  const back = { href: `/posts/${postId}`, label: 'The post' };
  return html`<${Layout} title="Edit a post" viewer=${viewer} section="posts" back=${back} width="narrow">
    <h1>Edit the post</h1>
    ${problem && html`<${Notice} tone="problem" title="Nothing was saved.">${problem}<//>`}
    ${
      isScheduled &&
      html`<${Notice}>
        What is on the schedule keeps its time. Saving is your yes to what you wrote: it goes out under your
        name.
      <//>`
    }
    <${Form} action=${`/posts/${postId}/edit`} csrfToken=${viewer.csrfToken} label="Edit">
      <input type="hidden" name="rev" value=${rev} />
      <input type="hidden" name="places" value=${places} />
      ${channels.map((channel) =>
        channel.parts.map(
          (part, index) =>
            html`<${Field}
              id=${`part-${channel.channelId}-${index}`}
              label=${labelOf(channel, index)}
              name=${partField(channel.channelId, index)}
              rows=${6}
              maxlength=${20_000}
              value=${part}
              hint=${channel.parts.length > 1 && 'A part that is left empty is dropped.'}
            />`,
        ),
      )}
      <div class="decision">
        <${Button}>Save<//>
        <${LinkButton} href=${back.href}>Leave it as it is<//>
      </div>
    <//>
  <//>`;
}

/** The name of the field with a part of a caption. */
export function partField(channelId: string, index: number): string {
  return `part_${channelId}_${index}`;
}

function labelOf(channel: NamedChannel & { parts: readonly string[] }, index: number): string {
  const name = channelName(channel);
  return channel.parts.length === 1 ? name : `${name}, part ${index + 1}`;
}
