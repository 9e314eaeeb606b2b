import { Card } from './components.ts';
import { html } from './html.ts';
import { Moment } from './moment.ts';
import { networkName } from './networks.ts';

interface Sum {
  /** Null where no network tells it. */
  value: number | null;
  /** Networks that do not tell it. */
  without: readonly string[];
}

export interface CampaignTotals {
  /** Published. */
  posts: number;
  /** Of these, how many have numbers. */
  measuredPosts: number;
  views: Sum;
  likes: Sum;
  comments: Sum;
  shares: Sum;
  clicks: Sum;
  capturedAt: Date | null;
}

const NAMES = { views: 'Views', likes: 'Likes', comments: 'Comments', shares: 'Shares', clicks: 'Clicks' };
const count = new Intl.NumberFormat('en-GB');

/** What a campaign has done so far. What no network tells is never shown as 0. */
export function CampaignNumbers({ totals, timeZone }: { totals: CampaignTotals; timeZone: string }) {
  const { posts, measuredPosts, capturedAt } = totals;
  return html`<${Card} title="So far">
    <dl class="figures">
      <div>
        <dt>Posts out</dt>
        <dd>${count.format(posts)}</dd>
      </div>
      ${
        measuredPosts > 0 &&
        Object.entries(NAMES).map(
          ([metric, name]) =>
            html`<${Figure} key=${metric} name=${name} sum=${totals[metric as keyof typeof NAMES]} />`,
        )
      }
    </dl>
    ${posts === 0 && html`<p class="hint">Numbers come once a post is out.</p>`}
    ${posts > 0 && measuredPosts === 0 && html`<p class="hint">No numbers yet. They come a few minutes after publishing.</p>`}
    ${
      capturedAt &&
      html`<p class="hint">
        Of ${measuredPosts === 1 ? 'one post' : `${measuredPosts} posts`}, as of${' '}
        <${Moment} at=${capturedAt} timeZone=${timeZone} />
      </p>`
    }
  <//>`;
}

function Figure({ name, sum: { value, without } }: { name: string; sum: Sum }) {
  const silent = without.map(networkName).join(', ');
  return html`<div>
    <dt>${name}</dt>
    <dd>
      ${value === null ? html`<span class="hint">not told</span>` : count.format(value)}
      ${value !== null && silent && html`<span class="hint less">without ${silent}</span>`}
    </dd>
  </div>`;
}
