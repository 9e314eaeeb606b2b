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

/** Rules in words; `empty` says what holds without any. */
export function RuleList({
  rules,
  timeZone,
  empty,
}: {
  rules: readonly ShownRule[];
  timeZone: string;
  empty: string;
}) {
  if (rules.length === 0) return html`<${EmptyState} title="No rules yet."><p>${empty}</p><//>`;
  return html`<ul class="list rules">
    ${rules.map(
      (rule) =>
        html`<li key=${rule.id}>
          <p>
            <span class="effect" data-effect=${rule.effect}>${EFFECTS[rule.effect]}</span>
            <${RuleSentence} rule=${rule} />
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
export function RuleSentence({ rule }: { rule: ShownRule }) {
  const { connectionId, clientId, clientName, connectionPersonName, network, handle, tool, words } = rule;
  const who = connectionId
    ? html`<bdi>${clientName}</bdi> of ${connectionPersonName}`
    : clientId
      ? html`<bdi>${clientName ?? 'A client'}</bdi>`
      : 'Every client';
  const where = network && handle ? html`, on <bdi>${channelName({ network, handle })}</bdi>` : '';
  const by = tool && !words.includes(tool) ? html`, with <code>${tool}</code>` : '';
  return html`<strong>${who}</strong>${where}${by}: ${words}.`;
}
