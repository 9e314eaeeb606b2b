import { EmptyState, LinkButton } from './components.ts';
import { html } from './html.ts';
import { Moment } from './moment.ts';
import { channelName } from './networks.ts';

export interface ShownRule {
  id: string;
  /** What it says, without whom it is about. */
  words: string;
  effect: 'allow' | 'ask' | 'deny';
  tool: string | null;
  clientId: string | null;
  connectionId: string | null;
  clientName: string | null;
  connectionPersonName: string | null;
  network: string | null;
  handle: string | null;
  createdByName: string;
  createdAt: Date;
  mayRemove: boolean;
}

const EFFECTS = { allow: 'Allow', ask: 'Ask', deny: 'Deny' } as const;

export interface RuleListProps {
  rules: readonly ShownRule[];
  timeZone: string;
  /** Says what holds without any. */
  empty: string;
  /** They are all about one connection that the page names. */
  isOfOneConnection?: boolean;
}

/** Rules in words. */
export function RuleList({ rules, timeZone, empty, isOfOneConnection = false }: RuleListProps) {
  if (rules.length === 0) return html`<${EmptyState} title="No rules yet."><p>${empty}</p><//>`;
  return html`<ul class="list rules">
    ${rules.map(
      (rule) =>
        html`<li key=${rule.id}>
          <p>
            <span class="effect" data-effect=${rule.effect}>${EFFECTS[rule.effect]}</span>
            <${RuleSentence} rule=${rule} isWhoKnown=${isOfOneConnection} />
          </p>
          <p class="meta">
            <span>by ${rule.createdByName}</span>
            <${Moment} at=${rule.createdAt} timeZone=${timeZone} />
            <code>${rule.id}</code>
          </p>
          ${
            rule.mayRemove &&
            html`<p>
              <${LinkButton} href=${`/policy/rules/${rule.id}/remove`}
                >Remove<span class="hidden"> the rule: ${rule.words}</span><//
              >
            </p>`
          }
        </li>`,
    )}
  </ul>`;
}

/** Whom and where a rule is about, and what it says. */
export function RuleSentence({ rule, isWhoKnown = false }: { rule: ShownRule; isWhoKnown?: boolean }) {
  const { connectionId, clientId, clientName, connectionPersonName, network, handle, tool, words } = rule;
  const who = connectionId
    ? html`<bdi>${clientName}</bdi> of ${connectionPersonName}`
    : clientId
      ? html`<bdi>${clientName ?? 'A client'}</bdi>`
      : 'Every client';
  const channel = network && handle && html`<bdi>${channelName({ network, handle })}</bdi>`;
  const by = tool && !words.includes(tool) ? html`, with <code>${tool}</code>` : '';
  if (isWhoKnown) return html`<strong>${channel || 'Every channel'}</strong>${by}: ${words}.`;
  return html`<strong>${who}</strong>${channel && html`, on ${channel}`}${by}: ${words}.`;
}
