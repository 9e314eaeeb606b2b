import { html } from './html.ts';
import { Moment } from './moment.ts';

export interface ShownDiagnosis {
  code: string;
  tone: 'problem' | 'warning' | 'note';
  title: string;
  seen: readonly { text: string; at: Date }[];
  meaning: string;
  todo: string;
  connectionId?: string | undefined;
}

export interface ShownStage {
  label: string;
  state: 'done' | 'failed' | 'waiting';
  at: Date | null;
  detail: string | null;
}

export interface ShownStep {
  at: Date;
  kind: string;
  address: string | null;
  userAgent: string | null;
  reason: string | null;
}

export interface DoctorProps {
  timeZone: string;
  stages: readonly ShownStage[];
  diagnoses: readonly ShownDiagnosis[];
  /** Newest first. */
  steps: readonly ShownStep[];
  /** Whether what is found leads to the connection that it is about. */
  doesLink?: boolean;
}

/** What became of a client's way in, what is wrong with it, and everything that was seen. */
export function ConnectionDoctor({ timeZone, stages, diagnoses, steps, doesLink = false }: DoctorProps) {
  return html`<section class="card" aria-labelledby="doctor">
    <h2 id="doctor">Connection doctor</h2>
    <${Handshake} stages=${stages} timeZone=${timeZone} />
    ${
      diagnoses.length === 0
        ? html`<p class="verdict" data-tone="good">
            <strong>Nothing wrong.</strong> Nothing unusual was seen.
          </p>`
        : diagnoses.map(
            (diagnosis) =>
              html`<${DiagnosisNotice}
                key=${`${diagnosis.code} ${diagnosis.connectionId}`}
                ...${{ diagnosis, timeZone, doesLink }}
              />`,
          )
    }
    ${
      steps.length > 0 &&
      html`<details>
        <summary>Everything that was seen (${steps.length})</summary>
        <ol class="seen">
          ${steps.map((step, index) => html`<${SeenStep} key=${index} step=${step} timeZone=${timeZone} />`)}
        </ol>
      </details>`
    }
  </section>`;
}

export interface DiagnosisNoticeProps {
  diagnosis: ShownDiagnosis;
  timeZone: string;
  doesLink?: boolean;
}

export function DiagnosisNotice({ diagnosis, timeZone, doesLink = false }: DiagnosisNoticeProps) {
  const { connectionId } = diagnosis;
  return html`<div class="notice" data-tone=${diagnosis.tone} data-diagnosis=${diagnosis.code}>
    <strong>${diagnosis.title}</strong>
    <ul>
      ${diagnosis.seen.map(
        ({ text, at }) => html`<li>${text}${' '}<${Moment} at=${at} timeZone=${timeZone} /></li>`,
      )}
    </ul>
    <p>${diagnosis.meaning}</p>
    <p><strong>What to do:</strong>${' '}<span>${diagnosis.todo}</span></p>
    ${doesLink && connectionId && html`<p><a href=${`/connections/${connectionId}`}>Go to this connection</a></p>`}
  </div>`;
}

const STATE_WORDS = { done: 'Done', failed: 'Failed', waiting: 'Not seen yet' } as const;

function Handshake({ stages, timeZone }: Pick<DoctorProps, 'stages' | 'timeZone'>) {
  return html`<ol class="stages" aria-label="Its way in, step by step">
    ${stages.map(
      (stage) =>
        html`<li key=${stage.label} data-state=${stage.state}>
          <strong>${stage.label}</strong>
          <span class=${stage.state === 'failed' ? '' : 'hidden'}>${STATE_WORDS[stage.state]}</span>
          ${stage.at && html`<${Moment} at=${stage.at} timeZone=${timeZone} />`}
          ${stage.detail && html`<span class="reason">${stage.detail}</span>`}
        </li>`,
    )}
  </ol>`;
}

const KINDS: Readonly<Record<string, string>> = {
  metadata_read: 'Read how to sign in here',
  wrong_path: 'Asked where nothing is',
  registered: 'Registered',
  registration_refused: 'Was refused registration',
  document_read: 'Its description on the web was read',
  document_failed: 'Its description on the web could not be read',
  authorize_refused: 'Was refused at the sign-in',
  consent_shown: 'A person was asked',
  consent_denied: 'The person said no',
  token_issued: 'Got its key',
  token_refreshed: 'Renewed its key',
  token_refused: 'Was refused a key',
  bearer_missing: 'Called without a key',
  bearer_expired: 'Called with a key that had ended',
  bearer_invalid: 'Called with a key that is not valid',
  scope_challenged: 'Tried what it may not do',
  first_call: 'Called for the first time',
  header_shim_used: 'Mixed two versions of the protocol',
  'connection.created': 'The person allowed it',
  'connection.limited': 'Permissions were taken away',
  'connection.end_changed': 'Its end was changed',
  'connection.replaced': 'Was replaced by a newer connection',
  'connection.revoked': 'Was revoked',
  'connection.refresh_replayed': 'An old key was used again: it was signed out',
  'connection.code_replayed': 'Its sign-in was answered twice: it was signed out',
  'token.used_past_expiry': 'Went on with a key past its hour',
  'delivery.held': 'A post was held',
};

function SeenStep({ step, timeZone }: { step: ShownStep; timeZone: string }) {
  const from = [step.address, step.userAgent].filter(Boolean).join(', ');
  const reason =
    step.reason && /^[a-z_]+$/.test(step.reason) ? step.reason.replaceAll('_', ' ') : step.reason;
  return html`<li>
    <${Moment} at=${step.at} timeZone=${timeZone} />
    <span>
      ${KINDS[step.kind] ?? step.kind}${reason && html`: <q>${reason}</q>`}
      ${from && html`<span class="meta">${from}</span>`}
    </span>
  </li>`;
}
