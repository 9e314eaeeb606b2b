import type { RouterContext } from '@koa/router';

import { html } from '../../views/html.ts';
import { SignInView, type CompanyButtonProps } from '../../views/sign-in.ts';
import type { Context } from '../context.ts';
import { hasOwner } from '../teams/first-owner.ts';

import { csrfTokenOf } from './csrf.ts';
import { pickWords } from './language.ts';
import { renderPage } from './render.ts';

export interface SignInState {
  returnTo: string;
  email?: string;
  problem?: string;
  status?: number;
}

export async function showSignIn(
  ctx: RouterContext,
  context: Context,
  { status = 200, ...state }: SignInState,
): Promise<void> {
  const isOwnerMissing = !(await hasOwner(context));
  const view = html`<${SignInView}
    ...${state}
    words=${pickWords(ctx)}
    isForAnApp=${state.returnTo.startsWith('/interaction/')}
    isOwnerMissing=${isOwnerMissing}
    csrfToken=${csrfTokenOf(ctx, context)}
    company=${companyButton(context, { return_to: state.returnTo })}
  />`;
  renderPage(ctx, view, status);
}

/** The way to the company's sign-in, when there is one. */
export function companyButton(
  context: Context,
  query: Record<string, string>,
): CompanyButtonProps | undefined {
  const { company } = context.config;
  return company && { label: company.label, href: `/sign-in/company?${new URLSearchParams(query)}` };
}
