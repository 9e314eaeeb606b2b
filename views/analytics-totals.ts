import { formatCount } from './charts.ts';
import { html } from './html.ts';
import { networkName } from './networks.ts';

/** Over posts whose networks tell the number; null where none does. */
interface ShownSum {
  value: number | null;
  /** Over how many posts it is. */
  ofPosts: number;
  /** Networks that do not tell it. */
  without: readonly string[];
}

export interface ShownGroup extends Record<Metric, ShownSum> {
  posts: number;
  /** Of these, how many have numbers. */
  measuredPosts: number;
  engagement: number | null;
  capturedAt: Date | null;
}

const METRICS = { views: 'Views', likes: 'Likes', comments: 'Comments', shares: 'Shares', clicks: 'Clicks' };
type Metric = keyof typeof METRICS;

interface TotalsProps {
  totals: ShownGroup;
  /** The same of as many days before. */
  before: ShownGroup;
  dayCount: number;
}

/** What came of everything in the days that are shown, beside what came of as many days before. */
export function Totals({ totals, before, dayCount }: TotalsProps) {
  const figures: [string, number | null, number | null, ShownSum | null][] = [
    ['Posts', totals.posts, before.posts, null],
    ['Engagement', totals.engagement, before.engagement, null],
    ...Object.entries(METRICS).map(([metric, name]): [string, number | null, number | null, ShownSum] => {
      const sum = totals[metric as Metric];
      return [name, sum.value, before[metric as Metric].value, sum];
    }),
  ];
  return html`<section class="card" aria-label="Totals">
    <dl class="figures">
      ${figures.map(
        ([name, value, earlier, sum]) =>
          html`<div key=${name}>
            <dt>${name}</dt>
            <dd>
              ${value === null ? html`<span class="none">not available</span>` : html`<strong>${formatCount(value)}</strong>`}
              <p class="hint">
                ${value === null ? 'No network has told it.' : toChange(value, earlier, dayCount)}
              </p>
              ${sum && value !== null && html`<${Without} sum=${sum} measured=${totals.measuredPosts} />`}
            </dd>
          </div>`,
      )}
    </dl>
  </section>`;
}

function Without({ sum, measured }: { sum: ShownSum; measured: number }) {
  if (sum.ofPosts === measured && sum.without.length === 0) return null;
  const tells = sum.without.length === 1 ? 'does' : 'do';
  const others =
    sum.without.length > 0 ? `; ${sum.without.map(networkName).join(', ')} ${tells} not tell it` : '';
  return html`<p class="hint">${`Known of ${sum.ofPosts} of ${measured} posts${others}.`}</p>`;
}

/** What is compared was counted in as many days before. */
function toChange(value: number, earlier: number | null, days: number): string {
  if (earlier === null) return `Not available for the ${days} days before.`;
  const words = `${formatCount(earlier)} in the ${days} days before`;
  if (earlier === 0 || value === earlier) return `${words}.`;
  const percent = Math.round((Math.abs(value - earlier) / earlier) * 100);
  return `${percent} % ${value > earlier ? 'more' : 'less'}: ${words}.`;
}
