import { html } from './html.ts';
import { Moment } from './moment.ts';
import { Author } from './post.ts';

/** A client's request that somebody approves the revision, on the calendar or not. */
export interface ShownRequest {
  state: 'open' | 'answered' | 'expired';
  note: string | null;
  reviewerName: string | null;
  requestedBy: { personName: string; clientName: string | null };
  expiresAt: Date;
}

/** A connection under which a client asks. */
export interface ShownAsker {
  id: string;
  clientName: string;
  personName: string;
  createdAt: Date;
  revokedAt: Date | null;
  /** What it may do, and may not, in words. */
  permissions: readonly string[];
  lacking: readonly string[];
}

export function Request({
  request,
  isUntimed,
  timeZone,
}: {
  request: ShownRequest;
  isUntimed: boolean;
  timeZone: string;
}) {
  return html`<section class="card" aria-label="The request">
    ${request.note && html`<blockquote>${request.note}</blockquote>`}
    ${
      isUntimed &&
      html`<p>
        It has no time yet. A yes is to these texts: the client may then schedule them without asking again,
        unless a rule of the team asks because of the time.
      </p>`
    }
    <dl class="facts">
      <div>
        <dt>Asked by</dt>
        <dd><${Author} ...${request.requestedBy} /></dd>
      </div>
      ${
        request.reviewerName &&
        html`<div>
          <dt>Asked for</dt>
          <dd>${request.reviewerName}; every owner and editor may answer</dd>
        </div>`
      }
      <div>
        <dt>Until</dt>
        <dd><${Moment} at=${request.expiresAt} timeZone=${timeZone} /></dd>
      </div>
    </dl>
  </section>`;
}

/** Under which connections clients ask: who allowed them, since when, and what they may do. */
export function AskingConnections({ askers, timeZone }: { askers: readonly ShownAsker[]; timeZone: string }) {
  if (askers.length === 0) return null;
  return html`<section class="card" aria-label="Who asks">
    <h2>Who asks</h2>
    ${askers.map((asker) => html`<${Asker} key=${asker.id} asker=${asker} timeZone=${timeZone} />`)}
  </section>`;
}

function Asker({ asker, timeZone }: { asker: ShownAsker; timeZone: string }) {
  const { id, clientName, personName, createdAt, revokedAt, permissions, lacking } = asker;
  return html`<div class="asker">
    <p>
      <a href=${`/connections/${id}`}>${clientName}</a>${' '}for ${personName}
      ${revokedAt && html`${' '}<span class="badge" data-tone="warning">Revoked</span>`}
    </p>
    <p class="meta">
      <span>connected since${' '}<${Moment} at=${createdAt} timeZone=${timeZone} /></span>
      ${revokedAt && html`<span>revoked${' '}<${Moment} at=${revokedAt} timeZone=${timeZone} /></span>`}
    </p>
    <details>
      <summary>What this connection may do</summary>
      <ul>
        ${permissions.map((words) => html`<li key=${words}>${words}</li>`)}
      </ul>
      ${lacking.length > 0 && html`<p class="hint">It may not:</p>`}
      ${
        lacking.length > 0 &&
        html`<ul>
          ${lacking.map((words) => html`<li key=${words}>${words}</li>`)}
        </ul>`
      }
    </details>
  </div>`;
}
