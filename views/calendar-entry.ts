import { html } from './html.ts';
import { networkName, type NamedChannel } from './networks.ts';
import { StateBadge, toneOf } from './state-badge.ts';

/** What goes out of a post in one minute. */
export interface ShownEntry {
  postId: string;
  /** 2026-11-24 */
  date: string;
  /** HH:MM in the team's zone. */
  time: string;
  state: string;
  channels: readonly (NamedChannel & { channelId: string })[];
  excerpt: string;
  /** Where a person moves it; absent where nobody can, or this person may not. */
  moveHref?: string | undefined;
}

export function entryHref({ postId, state }: Pick<ShownEntry, 'postId' | 'state'>): string {
  return state === 'awaiting_approval' ? `/posts/${postId}/approve` : `/posts/${postId}`;
}

/** Networks in a few letters: each once. */
export function networksOf(channels: readonly NamedChannel[]): string {
  const names = channels.map(({ network, imitates }) =>
    imitates ? `${networkName(imitates)} practice` : networkName(network),
  );
  return [...new Set(names)].toSorted((a, b) => a.localeCompare(b, 'en')).join(', ');
}

export function CalendarEntry({ entry }: { entry: ShownEntry }) {
  const text = entry.excerpt || 'No text yet';
  return html`<li class="due" data-tone=${toneOf(entry.state)}>
    <a class="text" href=${entryHref(entry)}><time>${entry.time}</time> ${text}</a>
    <p class="meta">
      <${StateBadge} state=${entry.state} />
      <span>${networksOf(entry.channels)}</span>
      ${entry.moveHref && html`<a class="move" href=${entry.moveHref}>Move<span class="hidden"> “${text}”, ${entry.time}</span></a>`}
    </p>
  </li>`;
}
