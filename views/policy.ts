import { Card, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { RuleForm, type RuleFormProps } from './rule-form.ts';
import { RuleList, type ShownRule } from './rule-list.ts';

export interface PolicyViewProps {
  viewer: Viewer;
  timeZone: string;
  done: string | undefined;
  /** Those of the team and of clients. */
  rules: readonly ShownRule[];
  /** Null for who may only look. */
  form: RuleFormProps | null;
}

/** The team's rules for clients. */
export function PolicyView({ viewer, timeZone, done, rules, form }: PolicyViewProps) {
  return html`<${Layout}
    title="Rules"
    viewer=${viewer}
    section="connections"
    styles=${['policy']}
    back=${{ href: '/connections', label: 'Connections' }}
  >
    <h1>Rules for clients</h1>
    <p>
      What clients may do for ${viewer.team.name} without asking. Rules are about clients only: what a person
      sends or approves in the browser is theirs to decide, unless a rule denies it to the client that
      scheduled it.
    </p>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    <${Card} title="The team’s rules">
      <${RuleList}
        rules=${rules}
        timeZone=${timeZone}
        empty="Clients that may publish do so unasked on the channels that were ticked for them, and ask before their first post on any other. The posts of other clients wait for a person."
      />
    <//>
    <${HowRulesCount} />
    ${
      form
        ? html`<${Card} title="Add a rule"><${RuleForm} ...${form} /><${HowLongRulesHold} /><//>`
        : html`<${Notice}>Only an owner of the team changes these rules.<//>`
    }
  <//>`;
}

/** For those who make a rule about one editor. */
export function HowLongRulesHold() {
  return html`<p class="hint">
    Rules for one connection or one client hold as long as that connection or registration. When an editor
    connects anew, only the rules for the team hold.
  </p>`;
}

/** In which order rules count, for those who wonder. */
export function HowRulesCount() {
  return html`<details class="card">
    <summary>How rules count</summary>
    <ul>
      <li>
        They count for the next call, and once more at the moment a post leaves: a new rule stops what is
        queued.
      </li>
      <li>Deny counts before ask, and ask before allow, whoever the rule is about.</li>
      <li>
        An allow is an exception from wider rules with the same “When”: one for a connection from those for
        its client, one for a client from those for the team.
      </li>
      <li>
        A client’s first post on a channel asks, unless the channel was ticked for it at consent or a rule
        allows first posts there.
      </li>
      <li>What a rule stopped waits for a person, also when the rule is removed later.</li>
    </ul>
  </details>`;
}
