import { html } from './html.ts';
import { Icon } from './icon.ts';
import { channelName, networkName, type NamedChannel } from './networks.ts';
import { PostPictures, type ShownPicture } from './post-pictures.ts';

/** A part as the network shows it. */
export interface ShownPart {
  runs: readonly { kind: 'text' | 'link' | 'mention' | 'hashtag' | 'cashtag'; text: string }[];
  /** The host of the page that the network draws a card from. */
  cardHost: string | null;
}

export interface PostPreviewProps {
  channel: NamedChannel;
  text: readonly ShownPart[];
  pictures: readonly ShownPicture[];
}

/** A post as people see it on its network, as far as this side knows: who, words, marks, pictures, card, thread. */
export function PostPreview({ channel, text, pictures }: PostPreviewProps) {
  return html`<article class="preview" aria-label=${`As it looks on ${channelName(channel)}`}>
    ${text.map(
      (part, index) =>
        html`<div key=${index} class="part">
          <header>
            <span class="avatar" aria-hidden="true">${initialOf(channel.handle)}</span>
            <p>
              <strong>${channel.handle}</strong>${' '}
              <span class="hint">${networkName(channel.imitates ?? channel.network)}</span>
            </p>
            ${text.length > 1 && html`<span class="badge">${index + 1} of ${text.length}</span>`}
          </header>
          <${MarkedText} runs=${part.runs} />
          ${index === 0 && html`<${PostPictures} pictures=${pictures} />`}
          ${part.cardHost && html`<${LinkCard} host=${part.cardHost} />`}
        </div>`,
    )}
  </article>`;
}

function initialOf(handle: string): string {
  return [...handle.replace(/^@/, '').toUpperCase()][0] ?? '?';
}

function MarkedText({ runs }: Pick<ShownPart, 'runs'>) {
  if (runs.length === 0) return html`<p class="caption empty">No text yet</p>`;
  return html`<p class="caption">
    ${runs.map(({ kind, text }) => (kind === 'text' ? text : html`<span class="mark" data-kind=${kind}>${text}</span>`))}
  </p>`;
}

function LinkCard({ host }: { host: string }) {
  return html`<div class="link-card">
    <${Icon} name="link" />
    <p>
      <strong>${host}</strong><br />
      <span class="hint">The network draws a card from this page.</span>
    </p>
  </div>`;
}
