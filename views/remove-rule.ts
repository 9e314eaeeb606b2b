import { Button, Form, LinkButton } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { RuleSentence, type ShownRule } from './rule-list.ts';

export interface RemoveRuleViewProps {
  viewer: Viewer;
  rule: ShownRule;
  backHref: string;
}

/** Says which rule goes, and what that does. */
export function RemoveRuleView({ viewer, rule, backHref }: RemoveRuleViewProps) {
  return html`<${Layout}
    title="Remove a rule"
    viewer=${viewer}
    section="connections"
    styles=${['policy']}
    back=${{ href: backHref, label: 'Rules' }}
    width="narrow"
  >
    <h1>Remove this rule?</h1>
    <p><${RuleSentence} rule=${rule} /></p>
    <p>
      It no longer counts from the next call and the next post on. What it stopped before stays stopped until
      a person acts.
    </p>
    <${Form} action=${`/policy/rules/${rule.id}/remove`} csrfToken=${viewer.csrfToken}>
      <div class="actions">
        <${Button} look="danger">Remove<//>
        <${LinkButton} href=${backHref}>Keep it<//>
      </div>
    <//>
  <//>`;
}
