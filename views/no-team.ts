import { Button, Form } from './components.ts';
import { html } from './html.ts';
import { Layout } from './layout.ts';

/** For somebody who was removed from their last team: what to do, and the way out. */
export function NoTeamView({ email, csrfToken }: { email: string; csrfToken: string }) {
  return html`<${Layout} title="You are in no team" width="narrow">
    <h1>You are in no team</h1>
    <p>
      You are signed in as <strong>${email}</strong>, and no team has you as a member any more. Ask an owner
      to invite this address, and open the link that you get.
    </p>
    <${Form} action="/sign-out" csrfToken=${csrfToken}><${Button} look="plain">Sign out<//><//>
  <//>`;
}
