import { Button, Field, Form, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout } from './layout.ts';

export interface SignInViewProps {
  csrfToken: string;
  returnTo: string;
  email?: string;
  problem?: string;
  /** Nobody has an account yet. */
  isOwnerMissing: boolean;
}

export function SignInView({ csrfToken, returnTo, email, problem, isOwnerMissing }: SignInViewProps) {
  return html`<${Layout} title="Sign in" width="narrow">
    <h1>Sign in</h1>
    ${
      isOwnerMissing &&
      html`<${Notice} title="This server has no owner yet.">
        <p>Open the one-time set-up link that it printed in the terminal when it started.</p>
      <//>`
    }
    ${problem && html`<${Notice} tone="problem">${problem}<//>`}
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
