import { Button, Field, Form, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout } from './layout.ts';
import { CompanyButton, type CompanyButtonProps } from './sign-in.ts';

export interface InvitationViewProps {
  csrfToken: string;
  /** The page's own address. */
  path: string;
  teamName: string;
  email: string;
  role: 'owner' | 'editor' | 'viewer';
  invitedBy: string;
  /** Who is signed in in this browser. */
  signedInAs: { name: string; email: string } | null;
  company?: CompanyButtonProps | undefined;
  passwordMinLength: number;
  name: string;
  problem?: { field: string | undefined; message: string } | undefined;
}

export const ROLE_MEANINGS = {
  owner: 'everything, and decides who is in the team',
  editor: 'plans, writes, approves and publishes',
  viewer: 'looks at everything and changes nothing',
} as const;

export function InvitationView(props: InvitationViewProps) {
  const { teamName, email, role, invitedBy, signedInAs } = props;
  const title = `Join ${teamName}`;
  return html`<${Layout} title=${title} width="narrow">
    <h1>${title}</h1>
    <p>${invitedBy} invites <strong>${email}</strong>${' '}to the team as ${role}: ${ROLE_MEANINGS[role]}.</p>
    ${signedInAs ? html`<${SignedIn} ...${props} signedInAs=${signedInAs} />` : html`<${SignedOut} ...${props} />`}
  <//>`;
}

function SignedIn({
  csrfToken,
  path,
  email,
  signedInAs,
}: InvitationViewProps & { signedInAs: { name: string; email: string } }) {
  if (signedInAs.email === email) {
    return html`<${Form} action=${path} csrfToken=${csrfToken}><${Button}>Join the team<//><//>`;
  }
  return html`<${Notice} tone="warning" title="This invitation is for somebody else.">
      <p>You are signed in as ${signedInAs.name} (${signedInAs.email}); it works for ${email} only.</p>
    <//>
    <${Form} action="/sign-out" csrfToken=${csrfToken}>
      <input type="hidden" name="return_to" value=${path} />
      <${Button} look="plain">Sign out and come back here<//>
    <//>`;
}

function SignedOut({ csrfToken, path, company, passwordMinLength, name, problem }: InvitationViewProps) {
  const errorOf = (field: string) => (problem?.field === field ? problem.message : undefined);
  const isElsewhere = problem && !['name', 'password'].includes(problem.field ?? '');
  return html`${isElsewhere && html`<${Notice} tone="problem">${problem.message}<//>`}
    <p>
      You have an account already?${' '}<a href=${`/sign-in?return_to=${encodeURIComponent(path)}`}
        >Sign in and join</a
      >
    </p>
    ${company && html`<${CompanyButton} ...${company} />`}
    <${Form} action=${path} csrfToken=${csrfToken} label="New account">
      <${Field}
        label="Your name"
        name="name"
        value=${name}
        error=${errorOf('name')}
        autocomplete="name"
        required
        maxlength=${100}
      />
      <${Field}
        label="Password"
        name="password"
        type="password"
        hint=${`At least ${passwordMinLength} characters. A few unrelated words are good.`}
        error=${errorOf('password')}
        autocomplete="new-password"
        required
        minlength=${passwordMinLength}
      />
      <${Button}>Make an account and join<//>
    <//>`;
}
