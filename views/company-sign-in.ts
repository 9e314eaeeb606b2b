import { Button, Field, Form, LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout } from './layout.ts';

export interface LinkCompanyViewProps {
  csrfToken: string;
  /** Names the sign-in under way; good in this browser only. */
  state: string;
  /** As the provider vouched for it. */
  email: string;
  label: string;
  problem?: string | undefined;
}

/** Once only: the password shows that the account here and the one of the company are one person's. */
export function LinkCompanyView({ csrfToken, state, email, label, problem }: LinkCompanyViewProps) {
  return html`<${Layout} title="Link your company account" width="narrow">
    <h1>Link your company account</h1>
    <p>
      There is an account for <strong>${email}</strong> already. Confirm once with its password; from then
      on,${' '}${label} is enough.
    </p>
    ${problem && html`<${Notice} tone="problem">${problem}<//>`}
    <${Form} action="/sign-in/company/link" csrfToken=${csrfToken}>
      <input type="hidden" name="state" value=${state} />
      <input type="hidden" name="username" value=${email} autocomplete="username" />
      <${Field}
        label="Grantcast password"
        name="password"
        type="password"
        autocomplete="current-password"
        hint="Not the one of your company account."
        required
        autofocus
      />
      <div class="actions">
        <${Button}>Link and sign in<//>
        <${LinkButton} href="/sign-in">Do not link<//>
      </div>
    <//>
  <//>`;
}

export interface CompanyRefusedViewProps {
  title: string;
  email: string | undefined;
  message: string;
}

export function CompanyRefusedView({ title, email, message }: CompanyRefusedViewProps) {
  return html`<${Layout} title=${title} width="narrow">
    <h1>${title}</h1>
    ${email && html`<p>You came with <strong>${email}</strong>.</p>`}
    <p>${message}</p>
    <p><${LinkButton} href="/sign-in">Go to sign-in<//></p>
  <//>`;
}
