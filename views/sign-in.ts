import { Button, Field, Form, LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout } from './layout.ts';

export interface SignInViewProps {
  csrfToken: string;
  returnTo: string;
  email?: string;
  problem?: string;
  /** Nobody has an account yet. */
  isOwnerMissing: boolean;
  /** The company's own sign-in, where there is one. */
  company?: CompanyButtonProps | undefined;
}

export function SignInView({
  csrfToken,
  returnTo,
  email,
  problem,
  isOwnerMissing,
  company,
}: SignInViewProps) {
  return html`<${Layout} title="Sign in" width="narrow">
    <h1>Sign in</h1>
    ${
      isOwnerMissing &&
      html`<${Notice} title="This server has no owner yet.">
        <p>Open the one-time set-up link that it printed in the terminal when it started.</p>
      <//>`
    }
    ${problem && html`<${Notice} tone="problem">${problem}<//>`}
    ${company && html`<${CompanyButton} ...${company} />`}
    <${Form} action="/sign-in" csrfToken=${csrfToken}>
      <input type="hidden" name="return_to" value=${returnTo} />
      <${Field}
        label="Email"
        name="email"
        type="email"
        value=${email}
        autocomplete="username"
        required
        autofocus=${!email}
      />
      <${Field}
        label="Password"
        name="password"
        type="password"
        autocomplete="current-password"
        required
        autofocus=${!!email}
      />
      <${Button}>Sign in<//>
    <//>
  <//>`;
}

export interface CompanyButtonProps {
  label: string;
  href: string;
}

/** A link, because a form must not lead to another site (the page's own form-action). */
export function CompanyButton({ label, href }: CompanyButtonProps) {
  return html`<div class="either">
    <${LinkButton} href=${href} look="primary">Continue with ${label}<//>
    <p class="hint">or with a password</p>
  </div>`;
}
