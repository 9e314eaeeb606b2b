import { Button, Field, Form, Notice, Select } from './components.ts';
import { html, type Children } from './html.ts';

export interface RuleFormProps {
  action: string;
  csrfToken: string;
  teamId: string;
  /** Whom a rule can be about; one alone is not asked for. */
  whos: readonly { value: string; label: string }[];
  channels: readonly { value: string; label: string }[];
  tools: readonly string[];
  /** Whether it may weaken a wider rule. */
  mayAllow: boolean;
  timeZone: string;
  /** What was sent, when it was not taken. */
  values: Readonly<Record<string, string>>;
  problem: { field: string | undefined; message: string } | undefined;
}

const WHENS = [
  { value: 'always', label: 'Always' },
  { value: 'daily_cap', label: 'Once a channel has so many posts that day' },
  { value: 'quiet_hours', label: 'For posts due in quiet hours' },
  { value: 'first_use', label: 'For a client’s first post on a channel' },
  { value: 'after', label: 'For posts due on or after a day' },
];

/** A rule from five questions. Fields that a choice does not need are hidden where the browser can, and ignored. */
export function RuleForm(props: RuleFormProps) {
  const { action, csrfToken, teamId, whos, channels, tools, mayAllow, timeZone, values, problem } = props;
  const errorOf = (field: string) => (problem?.field === field ? problem.message : undefined);
  const isTold = RULE_FIELDS.some((field) => errorOf(field) !== undefined);
  const text = (name: string) => ({ name, value: values[name], error: errorOf(name) });
  // The fragment: when the rule is not taken, the page shows why and not its beginning.
  return html`<${Form} id="add-rule" action=${`${action}#add-rule`} csrfToken=${csrfToken} label="Add a rule">
    <input type="hidden" name="team" value=${teamId} />
    ${problem && !isTold && html`<${Notice} tone="problem" title="The rule was not added.">${problem.message}<//>`}
    ${whos.length > 1 && html`<${Select} label="Who" options=${whos} ...${text('who')} />`}
    <${Select}
      label="Channel"
      options=${[{ value: '', label: 'Every channel' }, ...channels]}
      ...${text('channel')}
    />
    <${Select}
      label="What"
      options=${[{ value: '', label: 'Whatever goes out' }, ...tools.map((tool) => ({ value: tool, label: `The tool ${tool}` }))]}
      hint="For a tool that sends nothing, Ask leaves it to people: the client may not call it."
      ...${text('tool')}
    />
    <${Select} label="When" options=${WHENS} ...${text('condition')} />
    <${Only} condition="daily_cap">
      <${Field} label="Posts a day" inputmode="numeric" autocomplete="off" ...${text('posts_per_day')} />
    <//>
    <${Only} condition="quiet_hours">
      <${Field} label="From" type="time" ...${text('quiet_from')} />
      <${Field}
        label="Up to"
        type="time"
        hint=${`In the zone ${timeZone}. It may cross midnight.`}
        ...${text('quiet_to')}
      />
    <//>
    <${Only} condition="after">
      <${Field} label="From the day" type="date" ...${text('after_at')} />
    <//>
    <${Select}
      label="Then"
      options=${[
        { value: 'ask', label: "Ask: a person's yes is needed" },
        { value: 'deny', label: 'Deny: not at all' },
        ...(mayAllow
          ? [{ value: 'allow', label: 'Allow: an exception from wider rules of the same kind' }]
          : []),
      ]}
      ...${text('effect')}
    />
    <${Button}>Add the rule<//>
  <//>`;
}

/** What the form sends, by name. */
export const RULE_FIELDS = [
  'who',
  'channel',
  'tool',
  'condition',
  'posts_per_day',
  'quiet_from',
  'quiet_to',
  'after_at',
  'effect',
];

function Only({ condition, children }: { condition: string; children?: Children }) {
  return html`<div class="only" data-condition=${condition}>${children}</div>`;
}
