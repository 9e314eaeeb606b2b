import { BarTable, DayChart, type BarRow, type DayValue } from './charts.ts';
import { html } from './html.ts';

const POSTS: readonly DayValue[] = [2, 0, 1, 3, null, 1, 4].map((value, no) => ({
  day: `2026-12-0${no + 1}`,
  value,
}));
const FOLLOWERS: readonly DayValue[] = [904, 911, 910, null, 925, 931, 940].map((value, no) => ({
  day: `2026-12-0${no + 1}`,
  value,
}));
const CHANNELS: readonly BarRow[] = [
  { key: 'bluesky', name: 'Bluesky', value: 340, cells: ['12', '340'] },
  { key: 'linkedin', name: 'LinkedIn', value: 97, cells: ['8', '97'] },
  { key: 'x', name: 'X', value: null, cells: ['3', 'not told'] },
];

/** What is counted a day, what rises and falls, things side by side; a day nobody knows is a gap. */
export function ChartSamples() {
  return html`<div class="columns">
    <${DayChart} kind="bars" unit="posts" points=${POSTS} label="Posts a day in the first week of December" />
    <${DayChart}
      kind="line"
      unit="followers"
      points=${FOLLOWERS}
      label="Followers in the first week of December"
    />
    <${BarTable} caption="Likes by channel" columns=${['Channel', 'Posts', 'Likes']} rows=${CHANNELS} />
  </div>`;
}
