import { Button, Field, Form } from './components.ts';
import { html } from './html.ts';
import { Layout } from './layout.ts';

export interface LetInViewProps {
  action: string;
  csrfToken: string;
  name: string;
  email: string;
  passwordMinLength: number;
  problem: string | undefined;
}

export function LetInView({ action, csrfToken, name, email, passwordMinLength, problem }: LetInViewProps) {
  return html`<${Layout} title="Set a new password" width="narrow">
    <h1>Set a new password</h1>
    <p>For <strong>${name}</strong>, ${email}. You are signed in with it here.</p>
    <${Form} action=${action} csrfToken=${csrfToken}>
      <${Field}
        label="New password"
        name="password"
        type="password"
        hint=${`At least ${passwordMinLength} characters. Your other browsers are signed out; connected clients go on.`}
        error=${problem}
        autocomplete="new-password"
        required
        minlength=${passwordMinLength}
        autofocus
      />
      <${Button}>Set the password<//>
    <//>
  <//>`;
}
