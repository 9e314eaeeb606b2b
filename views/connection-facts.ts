import { html, type Children } from './html.ts';
import { Moment } from './moment.ts';

/** A connection as its card and its page tell it. */
export interface ShownConnection {
  id: string;
  clientName: string;
  redirectHost: string;
  personName: string;
  state: 'inForce' | 'over' | 'revoked';
  createdAt: Date;
  firstUsedAt: Date | null;
  lastUsedAt: Date | null;
  lastAddress: string | null;
  endsAt: Date | null;
  revokedAt: Date | null;
  revokedByName: string | null;
  suspectSince: Date | null;
  waitingPosts: number;
  heldPosts: number;
  /** What it may do, and may not, in words. */
  permissions: readonly string[];
  lacking: readonly string[];
  /** Its publishing policy in sentences. */
  policy: readonly string[];
  mayManage: boolean;
}

const STATES = {
  inForce: { label: 'In force', tone: 'good' },
  over: { label: 'Ended', tone: 'quiet' },
  revoked: { label: 'Revoked', tone: 'quiet' },
} as const;

export function ConnectionBadge({ state, suspectSince }: Pick<ShownConnection, 'state' | 'suspectSince'>) {
  if (state === 'inForce' && suspectSince)
    return html`<span class="badge" data-tone="warning">Suspect</span>`;
  const { label, tone } = STATES[state];
  return html`<span class="badge" data-tone=${tone}>${label}</span>`;
}

/** Who, from when to when, from where, and what hangs on it. */
export function ConnectionFactList({
  connection,
  timeZone,
}: {
  connection: ShownConnection;
  timeZone: string;
}) {
  const { firstUsedAt, lastUsedAt, lastAddress, endsAt, revokedAt, waitingPosts, heldPosts } = connection;
  const moment = (at: Date) => html`<${Moment} at=${at} timeZone=${timeZone} />`;
  return html`<dl class="facts">
    <${Fact} label="Allowed by">${connection.personName}, ${moment(connection.createdAt)}<//>
    <${Fact} label="First used"
      >${firstUsedAt ? moment(firstUsedAt) : lastUsedAt ? 'Not noted' : 'Not yet'}<//
    >
    <${Fact} label="Last used">
      ${lastUsedAt ? moment(lastUsedAt) : 'Not yet'}${lastAddress && html`, from${' '}<span>${lastAddress}</span>`}
    <//>
    ${
      revokedAt
        ? html`<${Fact} label="Revoked">
            ${moment(revokedAt)}, by${' '}<span>${connection.revokedByName ?? 'the editor itself'}</span>
          <//>`
        : html`<${Fact} label=${connection.state === 'over' ? 'Ended' : 'Ends'}>
            ${endsAt ? moment(endsAt) : 'Not until somebody ends it'}
          <//>`
    }
    <${Fact} label="Posts that depend on it">
      ${waitingPosts}${heldPosts > 0 && `, and ${heldPosts} held`}
    <//>
  <//>`;
}

export function Fact({ label, children }: { label: string; children?: Children }) {
  return html`<div>
    <dt>${label}</dt>
    <dd>${children}</dd>
  </div>`;
}

/** An old key was used again: what a person must know before anything else. */
export function SuspectWords() {
  return html`<p>
    An old key was used again, so what it scheduled since then is held. Revoke it if you do not know why.
  </p>`;
}
