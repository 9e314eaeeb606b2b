import { html } from './html.ts';
import { Moment } from './moment.ts';

export interface ShownNumbers {
  channelId: string;
  status: 'measured' | 'waiting' | 'not_published' | 'gone' | 'not_told';
  capturedAt: Date | null;
  views: number | null;
  likes: number | null;
  comments: number | null;
  shares: number | null;
  clicks: number | null;
}

const NAMES = { views: 'Views', likes: 'Likes', comments: 'Comments', shares: 'Shares', clicks: 'Clicks' };

/** What the network last told of a post; what it does not tell is never shown as 0. */
export function DeliveryNumbers({ numbers, timeZone }: { numbers: ShownNumbers; timeZone: string }) {
  const { status, capturedAt } = numbers;
  if (status === 'not_published') return null;
  if (!capturedAt) return html`<p class="hint">${WITHOUT_NUMBERS[status]}</p>`;
  const told = Object.entries(NAMES).map(([metric, name]) => [name, numbers[metric as keyof typeof NAMES]]);
  return html`<dl class="facts" aria-label="Numbers">
      ${told.map(
        ([name, value]) =>
          html`<div key=${name}>
            <dt>${name}</dt>
            <dd>${value ?? html`<span class="hint">not told by the network</span>`}</dd>
          </div>`,
      )}
    </dl>
    <p class="hint">
      ${status === 'gone' ? 'The network no longer has it; the last numbers are' : 'Numbers'} as of${' '}
      <${Moment} at=${capturedAt} timeZone=${timeZone} />
    </p>`;
}

const WITHOUT_NUMBERS = {
  measured: 'No numbers yet.',
  waiting: 'No numbers yet. They come a few minutes after publishing.',
  gone: 'The network no longer has it, and nobody saw its numbers.',
  not_told: 'This network tells no numbers.',
};
