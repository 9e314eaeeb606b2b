import { Button, Field, Form, LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { channelName, type NamedChannel } from './networks.ts';
import { OutsideLink } from './outside-link.ts';

export interface TakeDownViewProps {
  viewer: Viewer;
  postId: string;
  /** On which something is live. */
  channels: readonly (NamedChannel & { channelId: string; url: string | null })[];
  /** What came of an earlier try, by channel. */
  results?: readonly { channelId: string; state: string; manualUrl: string | null; problem: string | null }[];
  /** Why, as it was said at that try. */
  reason?: string | undefined;
}

export function TakeDownView({ viewer, postId, channels, results = [], reason }: TakeDownViewProps) {
  const back = { href: `/posts/${postId}`, label: 'Post' };
  return html`<${Layout}
    title="Take a post down"
    viewer=${viewer}
    section="posts"
    back=${back}
    width="narrow"
  >
    <h1>Take this post down?</h1>
    ${
      results.length > 0 &&
      html`<${Notice} tone="warning">
        <ul>
          ${results.map(({ channelId, ...result }) => {
            const channel = channels.find((one) => one.channelId === channelId);
            return channel && html`<li key=${channelId}>${channelName(channel)}: ${resultWords(result)}</li>`;
          })}
        </ul>
      <//>`
    }
    ${channels.length === 0 && html`<p>Nothing of this post is live.</p>`}
    ${
      channels.length > 0 &&
      html`<${Form} action=${`/posts/${postId}/take-down`} csrfToken=${viewer.csrfToken}>
        <p>It is deleted for good from:</p>
        <ul>
          ${channels.map(
            (channel) =>
              html`<li key=${channel.channelId}>
                <input type="hidden" name="channel" value=${channel.channelId} />
                <${OutsideLink} url=${channel.url}>${channelName(channel)}<//>
              </li>`,
          )}
        </ul>
        <${Field}
          label="Why"
          name="reason"
          required
          maxlength=${300}
          value=${reason}
          hint="Kept in the activity of the team."
        />
        <div class="actions">
          <${Button} look="danger">Take it down<//>
          <${LinkButton} href=${back.href}>Leave it<//>
        </div>
      <//>`
    }
  <//>`;
}

function resultWords({
  state,
  manualUrl,
  problem,
}: {
  state: string;
  manualUrl: string | null;
  problem: string | null;
}) {
  if (state === 'removed') return 'taken down.';
  if (state === 'failed') return `${problem ?? 'It did not work.'} Try again.`;
  const link = manualUrl && html`<${OutsideLink} url=${manualUrl}>Remove it there<//>`;
  return html`<span>this server cannot remove it. ${link}</span>`;
}
