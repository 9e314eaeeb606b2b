import { Button, Card, Field, Form, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { HowLongRulesHold, HowRulesCount } from './policy.ts';
import { RuleForm, type RuleFormProps } from './rule-form.ts';
import { RuleList, type ShownRule } from './rule-list.ts';

export interface PublishingFormProps {
  channels: readonly { id: string; label: string; isTicked: boolean }[];
  postsPerDay: string;
  /** The last day on which it publishes unasked, YYYY-MM-DD in the team's zone; empty for no end. */
  lastDay: string;
  problem: { field: string | undefined; message: string } | undefined;
}

export interface ConnectionPolicyViewProps {
  viewer: Viewer;
  timeZone: string;
  done: string | undefined;
  connection: { id: string; clientName: string; personName: string };
  rules: readonly ShownRule[];
  /** Null when it may not publish, or for who may only look. */
  publishing: PublishingFormProps | null;
  mayPublish: boolean;
  form: RuleFormProps | null;
}

/** What one connection publishes unasked, and every rule about it alone. */
export function ConnectionPolicyView(props: ConnectionPolicyViewProps) {
  const { viewer, timeZone, done, connection, rules, publishing, mayPublish, form } = props;
  const { id, clientName, personName } = connection;
  return html`<${Layout}
    title=${`Rules for ${clientName}`}
    viewer=${viewer}
    section="connections"
    styles=${['policy']}
    back=${{ href: `/connections/${id}`, label: clientName }}
  >
    <h1>Rules for <bdi>${clientName}</bdi></h1>
    <p>The connection of ${personName}. <a href="/policy">The team’s rules</a> hold for it too.</p>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    ${!mayPublish && html`<${Notice}>It may not publish without asking: each of its posts waits for a person.<//>`}
    ${publishing && html`<${PublishingForm} id=${id} csrfToken=${viewer.csrfToken} ...${publishing} />`}
    <${Card} title="Rules about it alone">
      <${RuleList}
        rules=${rules}
        timeZone=${timeZone}
        empty="Only the team’s rules hold for it."
        isOfOneConnection=${true}
      />
      <${HowLongRulesHold} />
    <//>
    <${HowRulesCount} />
    ${
      form
        ? html`<${Card} title="Add a rule"><${RuleForm} ...${form} /><//>`
        : html`<${Notice}>Only ${personName}, or an owner of the team, changes these rules.<//>`
    }
  <//>`;
}

function PublishingForm(props: PublishingFormProps & { id: string; csrfToken: string }) {
  const { id, csrfToken, channels, postsPerDay, lastDay, problem } = props;
  const errorOf = (field: string) => (problem?.field === field ? problem.message : undefined);
  return html`<${Card} title="What it publishes without asking">
    <${Form} action=${`/connections/${id}/policy`} csrfToken=${csrfToken} label="Publishing">
      <fieldset>
        <legend>On these channels</legend>
        <p class="hint">On the others each post waits for a person.</p>
        ${channels.map(
          (channel) =>
            html`<label class="check" key=${channel.id}>
              <input
                type="checkbox"
                name=${`channel ${channel.id}`}
                value="yes"
                checked=${channel.isTicked}
              />
              <bdi>${channel.label}</bdi>
            </label>`,
        )}
        ${channels.length === 0 && html`<p class="hint">No channel is linked yet.</p>`}
      </fieldset>
      <${Field}
        id="publishing-posts_per_day"
        label="Posts a day on each channel"
        name="posts_per_day"
        inputmode="numeric"
        autocomplete="off"
        value=${postsPerDay}
        hint="More wait for a person. Empty for no limit."
        error=${errorOf('posts_per_day')}
      />
      <${Field}
        id="publishing-last_day"
        label="Last day"
        name="last_day"
        type="date"
        value=${lastDay}
        hint="Posts due later wait for a person. Empty for no end."
        error=${errorOf('last_day')}
      />
      <${Button}>Save<//>
    <//>
  <//>`;
}
