// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/organization-access-control-by-role and
// .../organizations/organization-lookup-api (checked 2026-11-21)
import { z } from 'zod';

import type { LinkedAccount } from './account-link.ts';
import { cleanName } from './clean-name.ts';
import { organizationUrn, readLinkedin, type LinkedinSession } from './linkedin-api.ts';

const MAX_ORGANIZATIONS = 50;
const MAX_NAME_LENGTH = 200;

const acls = z.object({
  elements: z.array(z.object({ organization: z.string(), role: z.string(), state: z.string() })),
});
const organization = z.object({ localizedName: z.string() });

/** The organisations that the member administers: the first 50. */
export async function listOrganizations(
  session: LinkedinSession,
): Promise<Pick<LinkedAccount, 'remoteAccountId' | 'handle'>[]> {
  const path = `/rest/organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED&count=${MAX_ORGANIZATIONS}`;
  const { elements } = await readLinkedin(session, { method: 'GET', path, restliMethod: 'FINDER' }, acls);
  const urns = elements
    .filter(({ role, state }) => role === 'ADMINISTRATOR' && state === 'APPROVED')
    .map((acl) => acl.organization)
    .filter((urn) => organizationUrn.safeParse(urn).success);
  const accounts: Pick<LinkedAccount, 'remoteAccountId' | 'handle'>[] = [];
  for (const remoteAccountId of new Set(urns.slice(0, MAX_ORGANIZATIONS))) {
    const id = remoteAccountId.split(':').at(-1)!;
    const { localizedName } = await readLinkedin(
      session,
      { method: 'GET', path: `/rest/organizations/${id}` },
      organization,
    );
    const handle = cleanName(localizedName, MAX_NAME_LENGTH);
    accounts.push({ remoteAccountId, handle: handle || id });
  }
  return accounts;
}
