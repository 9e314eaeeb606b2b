import { Button, Card, EmptyState, Field, Form, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';

export interface ShownWebhook {
  id: string;
  url: string;
  createdAt: Date;
  disabledAt: Date | null;
  lastOutcome: string | null;
  lastDeliveredAt: Date | null;
  waiting: number;
}

export interface WebhooksViewProps {
  viewer: Viewer;
  timeZone: string;
  done: string | undefined;
  webhooks: readonly ShownWebhook[];
  /** What they are told of, a sentence each. */
  kinds: readonly string[];
  isOwner: boolean;
  /** Just made: the only time that the secret can be seen. */
  added?: { url: string; secret: string } | undefined;
  values?: { url: string } | undefined;
  problem?: { field: string | undefined; message: string } | undefined;
}

/** The addresses that are told what people have to know. */
export function WebhooksView(props: WebhooksViewProps) {
  const { viewer, done, webhooks, isOwner, added, problem } = props;
  const back = { href: '/team', label: 'Team' };
  return html`<${Layout} title="Webhooks" viewer=${viewer} section="team" back=${back} scripts=${['copy']}>
    <h1>Webhooks</h1>
    <p>
      Addresses that are told, in a signed call, what a person of ${viewer.team.name} has to know, so that it
      reaches a chat or a phone.
    </p>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    ${problem && !problem.field && html`<${Notice} tone="problem">${problem.message}<//>`}
    ${added && html`<${NewSecret} ...${added} />`}
    <${Card} title="Addresses">
      ${
        webhooks.length === 0
          ? html`<${EmptyState} title="Nobody is told yet."
              ><p>What needs you stands on the home page all the same.</p><//
            >`
          : html`<ul class="list">
              ${webhooks.map((webhook) => html`<${WebhookLine} key=${webhook.id} ...${props} webhook=${webhook} />`)}
            </ul>`
      }
    <//>
    ${isOwner ? html`<${AddForm} ...${props} />` : html`<${Notice}>Only an owner of the team changes them.<//>`}
    <${Told} kinds=${props.kinds} />
  <//>`;
}

function NewSecret({ url, secret }: { url: string; secret: string }) {
  return html`<${Card} title="The secret of the new webhook">
    <p>
      It proves that calls to ${new URL(url).host} come from this server. Copy it now: it is shown this once.
    </p>
    <div class="field">
      <label for="webhook-secret">Secret</label>
      <div class="copy"><input id="webhook-secret" type="text" readonly data-copy value=${secret} /></div>
    </div>
  <//>`;
}

function WebhookLine({ viewer, timeZone, isOwner, webhook }: WebhooksViewProps & { webhook: ShownWebhook }) {
  const { id, url, disabledAt, lastOutcome, lastDeliveredAt, waiting } = webhook;
  return html`<li>
    <div class="line">
      <strong class="address">${url}</strong>
      ${
        disabledAt
          ? html`<span class="badge" data-tone="problem">Turned off</span>`
          : html`<span class="badge" data-tone="good">On</span>`
      }
    </div>
    <p class="meta">
      ${
        lastDeliveredAt
          ? html`<span>last told${' '}<${Moment} at=${lastDeliveredAt} timeZone=${timeZone} /></span>`
          : html`<span>never told yet</span>`
      }
      ${lastOutcome && html`<span>latest answer: ${outcomeWords(lastOutcome)}</span>`}
      ${waiting > 0 && html`<span>${waiting} ${waiting === 1 ? 'call waits' : 'calls wait'}</span>`}
    </p>
    ${
      disabledAt &&
      html`<p class="hint">
        It gave no good answer for days, or said that it is gone. Turn it on again when it can be reached.
      </p>`
    }
    ${
      isOwner &&
      html`<div class="actions">
        ${
          disabledAt
            ? html`<${Act} viewer=${viewer} id=${id} url=${url} act="enable" label="Turn on" />`
            : html`<${Act} viewer=${viewer} id=${id} url=${url} act="test" label="Send a test" />`
        }
        <${Act} viewer=${viewer} id=${id} url=${url} act="remove" label="Remove" look="danger" />
      </div>`
    }
  </li>`;
}

interface ActProps {
  viewer: Viewer;
  id: string;
  url: string;
  act: 'enable' | 'test' | 'remove';
  label: string;
  look?: 'plain' | 'danger';
}

function Act({ viewer, id, url, act, label, look = 'plain' }: ActProps) {
  return html`<${Form} action=${`/webhooks/${id}/${act}`} csrfToken=${viewer.csrfToken}>
    <input type="hidden" name="team" value=${viewer.team.id} />
    <${Button} look=${look}>${label}<span class="hidden"> ${url}</span><//>
  <//>`;
}

function AddForm({ viewer, values, problem }: WebhooksViewProps) {
  return html`<${Card} title="Add a webhook">
    <${Form} action="/webhooks" csrfToken=${viewer.csrfToken} label="Add a webhook">
      <input type="hidden" name="team" value=${viewer.team.id} />
      <${Field}
        label="Address"
        name="url"
        type="url"
        value=${values?.url}
        hint="An https address of the public internet, or one that the operator named in ALLOW_PRIVATE_HOSTS."
        error=${problem?.field === 'url' ? problem.message : undefined}
        required
      />
      <${Button}>Add the webhook<//>
    <//>
  <//>`;
}

function Told({ kinds }: Pick<WebhooksViewProps, 'kinds'>) {
  return html`<details class="card">
    <summary>What they are told, and how</summary>
    <ul>
      ${kinds.map((kind) => html`<li key=${kind}>${kind}</li>`)}
    </ul>
    <p>
      A JSON object with type, timestamp and data: ids, states and a link to the page, never a caption. Signed
      by${' '}<a href="https://www.standardwebhooks.com/">Standard Webhooks</a>: check webhook-signature with
      the secret, and keep webhook-id, since a call that got no answer is repeated with the same id for three
      days.
    </p>
  </details>`;
}

function outcomeWords(outcome: string): string {
  if (outcome === 'no_answer') return 'none';
  if (outcome === 'refused_url') return 'not called, because the address is not public';
  return outcome;
}
