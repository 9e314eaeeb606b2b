import { Button, Card, Form } from './components.ts';
import { html } from './html.ts';
import { Moment } from './moment.ts';

export interface ConnectionChangesProps {
  connection: { id: string; clientName: string; state: 'inForce' | 'over' | 'revoked'; endsAt: Date | null };
  /** What can be taken away; taking a permission to look takes the one to change with it. */
  scopes: readonly { id: string; label: string }[];
  /** The last day on which it may act, YYYY-MM-DD in the team's zone; empty for no end. */
  lastDay: string;
  /** Today in the team's zone. */
  today: string;
  /** Whether its client must send its person through the browser again. */
  outlook: { kind: 'goesOn' | 'mayAsk' | 'mustAsk'; at: Date | null; refusedAt: Date | null };
  timeZone: string;
  csrfToken: string;
}

/** Limit it, or let it last longer: what each does to its editor is said before it is done. */
export function ConnectionChanges(props: ConnectionChangesProps) {
  const { connection, scopes, lastDay, today, timeZone, csrfToken } = props;
  return html`<${Card} title="Change it">
    <details>
      <summary>Take permissions away</summary>
      <${Form} action=${`/connections/${connection.id}/limit`} csrfToken=${csrfToken} label="Permissions">
        <fieldset>
          <legend>It may</legend>
          ${scopes.map(
            ({ id, label }) =>
              html`<div class="check" key=${id}>
                <input type="checkbox" id=${`keep-${id}`} name=${`keep ${id}`} value="yes" checked />
                <label for=${`keep-${id}`}>${label}</label>
              </div>`,
          )}
        </fieldset>
        <p class="hint">
          What you take away ends with its next call; it does not have to connect again. Posts that it
          scheduled and may then no longer publish are held for you. To give it more again, connect it again
          from the editor: that always takes a new consent.
        </p>
        <${Button} look="plain">Keep only what is ticked<//>
      <//>
    </details>
    <details>
      <summary>${connection.endsAt ? 'Change when it ends' : 'Let it end on a day'}</summary>
      <${Form} action=${`/connections/${connection.id}/end`} csrfToken=${csrfToken} label="End">
        <div class="field">
          <label for="field-last_day">Last day</label>
          <input
            id="field-last_day"
            type="date"
            name="last_day"
            value=${lastDay}
            min=${today}
            aria-describedby="field-last_day-hint"
          />
          <p class="hint" id="field-last_day-hint">
            In the zone ${timeZone}; leave it empty for no end. After that day its calls are refused, and what
            it scheduled before still goes out.
          </p>
        </div>
        <${Button} look="plain">Set the end<//>
      <//>
      <${Outlook} ...${props} />
    </details>
  <//>`;
}

function Outlook({ outlook, connection, timeZone }: ConnectionChangesProps) {
  const { kind, at, refusedAt } = outlook;
  const until = at && html`<${Moment} at=${at} timeZone=${timeZone} />`;
  const then = connection.state === 'over' ? 'With a later end ' : '';
  if (kind === 'goesOn') {
    return html`<p class="outlook">
      ${then ? `${then}its` : 'Its'} editor can go on without signing
      in${until && html`, until${' '}${until}${' '}and longer whenever it is used`}.
    </p>`;
  }
  if (kind === 'mustAsk') {
    return html`<p class="outlook">
      Its sign-in ended${until && html`${' '}on${' '}${until}`}: whatever its last day is, its editor will ask
      you to connect again.
    </p>`;
  }
  return html`<p class="outlook">
    Its sign-in can still be used, but it may ask you to connect again:
    ${
      refusedAt
        ? html`${' '}it was turned away on <${Moment} at=${refusedAt} timeZone=${timeZone} />, and most
            editors then forget their key.`
        : ' it has never renewed its key by itself, and the key has ended.'
    }
  </p>`;
}
