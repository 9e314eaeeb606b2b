import { Button, Field, Form, LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout } from './layout.ts';
import { ENGLISH } from './words/english.ts';
import type { Words } from './words/words.ts';

export interface SignInViewProps {
  words: Words;
  csrfToken: string;
  returnTo: string;
  email?: string;
  problem?: string;
  /** Signing in is a step on the way to a consent. */
  isForAnApp: boolean;
  /** Nobody has an account yet. */
  isOwnerMissing: boolean;
  /** The company's own sign-in, where there is one. */
  company?: CompanyButtonProps | undefined;
}

export function SignInView({
  words,
  csrfToken,
  returnTo,
  email,
  problem,
  isForAnApp,
  isOwnerMissing,
  company,
}: SignInViewProps) {
  const { signIn } = words;
  return html`<${Layout} title=${signIn.title} width="narrow" words=${words}>
    <h1>${signIn.title}</h1>
    ${isForAnApp && html`<p>${signIn.anAppAsks}</p>`}
    ${
      isOwnerMissing &&
      html`<${Notice} title=${signIn.noOwner.title}>
        <p>${signIn.noOwner.advice}</p>
      <//>`
    }
    ${problem && html`<${Notice} tone="problem">${problem}<//>`}
    ${company && html`<${CompanyButton} ...${company} words=${signIn} />`}
    <${Form} action="/sign-in" csrfToken=${csrfToken}>
      <input type="hidden" name="return_to" value=${returnTo} />
      <${Field}
        label=${signIn.email}
        name="email"
        type="email"
        value=${email}
        autocomplete="username"
        required
        autofocus=${!email && !company}
      />
      <${Field}
        label=${signIn.password}
        name="password"
        type="password"
        autocomplete="current-password"
        required
        autofocus=${!!email}
      />
      <${Button} look=${company ? 'plain' : 'primary'}>${signIn.submit}<//>
    <//>
  <//>`;
}

export interface CompanyButtonProps {
  label: string;
  href: string;
  words?: Pick<Words['signIn'], 'withCompany' | 'orWithPassword'>;
}

/** A link, because a form must not lead to another site (the page's own form-action). */
export function CompanyButton({ label, href, words = ENGLISH.signIn }: CompanyButtonProps) {
  return html`<div class="either">
    <${LinkButton} href=${href} look="primary">${words.withCompany(label)}<//>
    <p class="hint">${words.orWithPassword}</p>
  </div>`;
}
