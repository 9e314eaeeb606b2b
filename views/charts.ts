import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';

import { html, type Children } from './html.ts';

/** A day of a zone, 2026-12-01, and what was counted; null is not known, never 0. */
export interface DayValue {
  day: string;
  value: number | null;
}

export interface DayChartProps {
  /** What is counted, with its unit in the plural: posts. */
  unit: string;
  points: readonly DayValue[];
  /** What the picture shows, in a sentence, for who cannot see it. */
  label: string;
  /** bars begin at 0; a line shows how something rises and falls. */
  kind: 'bars' | 'line';
  /** What a day without a value is: nothing was published, nobody counted. */
  absent?: string;
}

const WIDTH = 600;
const HEIGHT = 160;
const WHOLE = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 });
const SHORT = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

export function formatCount(value: number): string {
  return WHOLE.format(value);
}

export function formatDay(day: string): string {
  return DAY.format(new Date(`${day}T00:00:00Z`));
}

/**
 * A value per day. The picture stretches to the room there is, so that what must not be stretched stands beside it as text;
 * the table under it has every value.
 */
export function DayChart({ unit, points, label, kind, absent = 'not known' }: DayChartProps) {
  const known = points.flatMap(({ value }) => value ?? []);
  const least = kind === 'bars' ? 0 : Math.min(...known);
  const scale = scaleLinear([least, Math.max(...known, least + 1)], [HEIGHT, 0]).nice(4);
  const ticks = scale.ticks(4).filter(Number.isInteger);
  const says = ({ day, value }: DayValue) =>
    `${formatDay(day)}: ${value === null ? absent : `${formatCount(value)} ${unit}`}`;
  return html`<figure class="chart">
    <div class="plot">
      <div class="scale" aria-hidden="true">
        ${ticks.toReversed().map((tick) => html`<span key=${tick}>${formatTick(tick, ticks)}</span>`)}
      </div>
      <svg role="img" aria-label=${label} viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
        ${ticks.map(
          (tick) =>
            html`<line key=${tick} class="grid" x1="0" x2=${WIDTH} y1=${scale(tick)} y2=${scale(tick)} />`,
        )}
        <${kind === 'bars' ? Bars : Line} points=${points} scale=${scale} says=${says} />
      </svg>
      <div class="days" aria-hidden="true">
        ${[points[0], points[Math.floor(points.length / 2)], points.at(-1)].map(
          (point, index) => html`<span key=${index}>${point && formatDay(point.day)}</span>`,
        )}
      </div>
    </div>
    <details>
      <summary>The same as a table</summary>
      <${DayTable} ...${{ unit, points, absent }} />
    </details>
  </figure>`;
}

/** Short, where that keeps neighbours apart. */
function formatTick(tick: number, ticks: readonly number[]): string {
  const step = (ticks[1] ?? 0) - (ticks[0] ?? 0);
  const most = ticks.at(-1) ?? 0;
  const unit = most >= 1_000_000 ? 1_000_000 : 1_000;
  return most >= 1_000 && step % (unit / 10) === 0 ? SHORT.format(tick) : WHOLE.format(tick);
}

interface MarksProps {
  points: readonly DayValue[];
  scale: (value: number) => number;
  says: (point: DayValue) => string;
}

function Bars({ points, scale, says }: MarksProps) {
  const step = WIDTH / points.length;
  return html`<g class="marks">
    ${points.map((point, index) => {
      const top = scale(point.value ?? 0);
      const share = { x: round(index * step + step * 0.12), width: round(step * 0.76) };
      return html`<rect key=${point.day} ...${share} y=${round(top)} height=${round(HEIGHT - top)}>
        <title>${says(point)}</title>
      </rect>`;
    })}
  </g>`;
}

function Line({ points, scale, says }: MarksProps) {
  const x = (index: number) => round((index + 0.5) * (WIDTH / points.length));
  const path = line<DayValue>(
    (_, index) => x(index),
    ({ value }) => round(scale(value ?? 0)),
  ).defined(({ value }) => value !== null);
  return html`<g class="marks">
    <path class="curve" d=${path([...points]) ?? ''} />
    ${points.map(
      (point, index) =>
        point.value !== null &&
        // A stroke without a length: a dot that stays round however the picture is stretched.
        html`<path key=${point.day} class="dot" d=${`M${x(index)},${round(scale(point.value))}h0.01`}>
          <title>${says(point)}</title>
        </path>`,
    )}
  </g>`;
}

function DayTable({ unit, points, absent }: Required<Pick<DayChartProps, 'unit' | 'points' | 'absent'>>) {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Day</th>
        <th scope="col">${unit[0]!.toUpperCase() + unit.slice(1)}</th>
      </tr>
    </thead>
    <tbody>
      ${points.map(
        ({ day, value }) =>
          html`<tr key=${day}>
            <th scope="row"><time datetime=${day}>${formatDay(day)}</time></th>
            <td>${value === null ? absent : formatCount(value)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

export interface BarRow {
  key: string;
  name: Children;
  /** How long its bar is; null where it is not known. */
  value: number | null;
  /** What stands in the columns after the name. */
  cells: readonly Children[];
}

/** Things side by side, the bar under each one's name: chart and table in one. */
export function BarTable({
  caption,
  columns,
  rows,
}: {
  caption: string;
  columns: readonly string[];
  rows: readonly BarRow[];
}) {
  const most = Math.max(...rows.map(({ value }) => value ?? 0), 1);
  // The roles are said again, because style sheets take them away where rows are stacked.
  return html`<table class="bars" role="table">
    <caption class="hidden">
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map((column) => html`<th key=${column} scope="col" role="columnheader">${column}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        ({ key, name, value, cells }) =>
          html`<tr key=${key} role="row">
            <th scope="row" role="rowheader">
              ${name}
              <svg aria-hidden="true" width="100%" height="8" class="marks">
                <rect width=${`${round(((value ?? 0) / most) * 100)}%`} height="8" rx="4" />
              </svg>
            </th>
            ${cells.map((cell, index) => html`<td key=${index} role="cell" data-column=${columns[index + 1]}>${cell}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
