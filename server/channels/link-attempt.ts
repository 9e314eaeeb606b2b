import { z } from 'zod';

import type { Context } from '../context.ts';
import { AppError, conflict, invalidInput, notAllowed, notFound, unavailable } from '../errors.ts';
import type { AccountLink, LinkCall } from '../networks/account-link.ts';
import { toNetworkError } from '../networks/call-failure.ts';
import type { Network } from '../networks/network.ts';
import { createRegisteredApps } from './registered-apps.ts';

/** How long somebody has on the network's pages, and again to choose among the accounts that came of it. */
export const LINK_MINUTES = 10;
const LINK_TIMEOUT_MS = 30_000;

/** What is kept, sealed, while somebody is on the network's pages. */
const linkMemorySchema = z.object({
  memory: z.unknown().optional(),
  /** The channel that was to be linked again; null: any account. */
  relinks: z.string().nullable(),
});

/** A network whose accounts are linked on its own pages, and that is ready for it. */
export interface LinkableNetwork extends Network {
  link: AccountLink;
}

/** @throws AppError NotFound; Conflict (`settings_missing`) naming the settings */
export function findLinkable(context: Context, networkId: string): LinkableNetwork {
  const network = context.networks.get(networkId);
  if (!network?.link) throw notFound({ code: 'not_found', message: 'There is no such network to link.' });
  const { missingSettings } = network.link;
  if (missingSettings.length > 0) {
    throw conflict({
      code: 'settings_missing',
      message: `${network.name} accounts cannot be linked yet: this server has no ${missingSettings.join(' and no ')}.`,
    });
  }
  return network as LinkableNetwork;
}

/** Each network comes back to an address of its own: an answer of one is never taken for another's (RFC 9700, section 4.4). */
export function redirectUriOf({ publicUrl }: Pick<Context, 'publicUrl'>, networkId: string): string {
  return `${publicUrl}/channels/link/${networkId}/callback`;
}

export function linkCallOf(context: Context, networkId: string): LinkCall {
  return {
    redirectUri: redirectUriOf(context, networkId),
    fetch: context.fetch,
    signal: AbortSignal.timeout(LINK_TIMEOUT_MS),
    apps: createRegisteredApps(context, networkId),
  };
}

export function openLinkMemory(
  { seal }: Pick<Context, 'seal'>,
  { id, sealed }: { id: string; sealed: Uint8Array },
): z.infer<typeof linkMemorySchema> {
  return linkMemorySchema.parse(JSON.parse(seal.unseal(sealed, purposeOf(id, 'sealed'))));
}

export function purposeOf(linkId: string, column: 'sealed' | 'accounts'): string {
  return `channel_link:${linkId}:${column}`;
}

export function linkGone(): AppError {
  return notAllowed({
    code: 'link_gone',
    message: `This link was used already, took longer than ${LINK_MINUTES} minutes, or was begun in another browser or by somebody else. Begin again on the page Channels.`,
  });
}

/** What went wrong on the way, for the person who wanted the link. */
export function toLinkError(error: unknown, { name }: Network): unknown {
  if (error instanceof AppError) return error;
  const cause = toNetworkError(error, name);
  switch (cause.kind) {
    case 'rejected':
    case 'auth_expired':
    case 'blocked':
    case 'duplicate':
      return invalidInput({ code: 'link_refused', message: cause.message, cause });
    case 'rate_limited':
      return unavailable({
        code: 'rate_limited',
        isRetriable: true,
        message:
          cause.binds === 'app'
            ? cause.message
            : `${name} asks to wait before another try. Try again in a few minutes.`,
        cause,
      });
    default:
      return unavailable({
        code: 'network_unavailable',
        isRetriable: true,
        message: `${name} could not be reached, or gave no clear answer. Nothing was linked; try again in a few minutes.`,
        cause,
      });
  }
}
