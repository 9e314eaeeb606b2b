// Who calls and what their token lets them do; scopes by https://learn.microsoft.com/en-us/linkedin/marketing/increasing-access
// and the permissions of each API's page (2026-11-21).
import type { FakeGrant } from '../fake-oauth-tokens.ts';
import type { LinkedinState } from './linkedin-state.ts';

export interface LinkedinCaller {
  memberUrn: string;
  has(scope: string): boolean;
  administers(organization: string): boolean;
  mayPostAs(author: string): boolean;
  /** Of members nobody may: r_member_social is closed. */
  mayReadPostsOf(author: string): boolean;
}

export function identifyCaller(state: LinkedinState, { accountId, scopes }: FakeGrant): LinkedinCaller {
  const memberUrn = state.members.get(accountId)!.urn;
  const has = (scope: string) => scopes.includes(scope);
  const administers = (organization: string) =>
    state.organizations.get(organization)?.administrators.has(memberUrn) ?? false;
  return {
    memberUrn,
    has,
    administers,
    mayPostAs: (author) =>
      author === memberUrn ? has('w_member_social') : administers(author) && has('w_organization_social'),
    mayReadPostsOf: (author) => administers(author) && has('r_organization_social'),
  };
}
