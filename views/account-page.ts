import { Button, Card, Field, Form, LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';

export interface AccountPageProps {
  viewer: Viewer;
  timeZone: string;
  done: string | undefined;
  problem?: { field: string | undefined; message: string } | undefined;
  hasPassword: boolean;
  /** Without a password: signed in so recently that a first one may be set. */
  isFresh: boolean;
  passwordMinLength: number;
  linked: readonly { issuer: string; subject: string; email: string; linkedAt: Date }[];
  /** The company's sign-in, where there is one. */
  company: { label: string } | undefined;
}

const FIELDS = ['current', 'password', 'unlinkPassword'];

export function AccountPage(props: AccountPageProps) {
  const { viewer, done, problem, company, linked } = props;
  const back = { href: '/', label: 'Home' };
  return html`<${Layout} title="Your account" viewer=${viewer} back=${back} width="narrow">
    <h1>Your account</h1>
    <p>${viewer.personName}, ${viewer.email}</p>
    ${done && html`<${Notice} tone="good">${done}<//>`}
    ${problem && !FIELDS.includes(problem.field ?? '') && html`<${Notice} tone="problem">${problem.message}<//>`}
    ${(company ?? linked.length > 0) && html`<${CompanyCard} ...${props} />`}
    <${PasswordCard} ...${props} />
  <//>`;
}

function CompanyCard({ viewer, timeZone, linked, company, hasPassword, problem }: AccountPageProps) {
  return html`<${Card} title="Company account">
    ${linked.length === 0 && html`<p>None is linked. Linking asks once for your password here.</p>`}
    ${linked.map(
      (account, index) =>
        html`<div key=${account.subject} class="held">
          <p>
            <strong>${account.email}</strong>${' '}at ${new URL(account.issuer).host}, linked${' '}<${Moment}
              at=${account.linkedAt}
              timeZone=${timeZone}
            />
          </p>
          ${
            hasPassword
              ? html`<details open=${problem?.field === 'unlinkPassword' || undefined}>
                  <summary>Unlink</summary>
                  <${Form}
                    action="/account/unlink"
                    csrfToken=${viewer.csrfToken}
                    label=${`Unlink ${account.email}`}
                  >
                    <input type="hidden" name="issuer" value=${account.issuer} />
                    <input type="hidden" name="subject" value=${account.subject} />
                    <${Field}
                      id=${`unlink-${index}`}
                      label="Your password here"
                      name="unlinkPassword"
                      type="password"
                      error=${problem?.field === 'unlinkPassword' ? problem.message : undefined}
                      autocomplete="current-password"
                      required
                    />
                    <${Button} look="danger">Unlink<//>
                  <//>
                </details>`
              : html`<p class="hint">Set a password below before you unlink it: it is your only way in.</p>`
          }
        </div>`,
    )}
    ${
      company &&
      linked.length === 0 &&
      html`<p><${LinkButton} href="/sign-in/company?return_to=/account">Link ${company.label}<//></p>`
    }
  <//>`;
}

function PasswordCard({ viewer, hasPassword, isFresh, passwordMinLength, problem }: AccountPageProps) {
  const errorOf = (field: string) => (problem?.field === field ? problem.message : undefined);
  if (!hasPassword && !isFresh) {
    return html`<${Card} title="Password">
      <p>You have none. To set one, sign out, sign in again and come back here within ten minutes.</p>
    <//>`;
  }
  return html`<${Card} title=${hasPassword ? 'Change the password' : 'Set a password'}>
    <${Form} action="/account/password" csrfToken=${viewer.csrfToken}>
      ${
        hasPassword &&
        html`<${Field}
          label="Present password"
          name="current"
          type="password"
          error=${errorOf('current')}
          autocomplete="current-password"
          required
        />`
      }
      <${Field}
        label="New password"
        name="password"
        type="password"
        hint=${`At least ${passwordMinLength} characters. Your other browsers are signed out; connected clients go on.`}
        error=${errorOf('password')}
        autocomplete="new-password"
        required
        minlength=${passwordMinLength}
      />
      <${Button}>${hasPassword ? 'Change the password' : 'Set the password'}<//>
    <//>
  <//>`;
}
