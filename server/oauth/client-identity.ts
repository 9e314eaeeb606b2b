import { displayClientName, readClientName, type ClaimedName } from './client-name.ts';
import { findKnownClient } from './known-clients.ts';
import type { RedirectTarget } from './redirect-policy.ts';

/**
 * What can be said about who asks:
 * imitation: its name only looks like a known one; claim: it carries a known name, and a site answers that is not known
 * for it; verified: its metadata document came from the host; known: the answer goes where the owner of the name answers;
 * unverified: there is only what it says about itself.
 */
export type Standing = 'imitation' | 'claim' | 'verified' | 'known' | 'unverified';

export interface ClientIdentity {
  name: ClaimedName;
  /** The name as it is stored and as other pages show it. */
  displayName: string;
  /** The host of its metadata document, which it therefore controls. */
  verifiedHost: string | null;
  /** Where the answer to this request goes. */
  redirect: RedirectTarget;
  standing: Standing;
}

export function identifyClient(input: {
  clientName: string | undefined;
  verifiedHost: string | null;
  redirect: RedirectTarget;
}): ClientIdentity {
  const { clientName, verifiedHost, redirect } = input;
  return {
    name: readClientName(clientName),
    displayName: displayClientName(clientName),
    verifiedHost,
    redirect,
    standing: judge(clientName ?? '', verifiedHost, redirect),
  };
}

function judge(claimed: string, verifiedHost: string | null, redirect: RedirectTarget): Standing {
  const found = findKnownClient(claimed);
  if (found?.isImitation) return 'imitation';
  if (found) {
    const { hosts, schemes = [] } = found.known;
    if (verifiedHost !== null && hosts.includes(verifiedHost)) return 'verified';
    if (hosts.includes(redirect.host) || schemes.includes(redirect.host)) return 'known';
    return redirect.isOnThisComputer ? 'unverified' : 'claim';
  }
  return verifiedHost === null ? 'unverified' : 'verified';
}
