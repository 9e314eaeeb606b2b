import { z } from 'zod';

import { readConfig } from '../../server/config.ts';
import type { GuardedFetch } from '../../server/fetch.ts';
import { openBlueskySession } from '../../server/networks/bluesky-session.ts';
import { createBluesky } from '../../server/networks/bluesky.ts';
import { createFacebook } from '../../server/networks/facebook.ts';
import { createInstagram } from '../../server/networks/instagram.ts';
import { createLinkedin } from '../../server/networks/linkedin.ts';
import { createMastodon } from '../../server/networks/mastodon.ts';
import type { ChannelAccess, Network } from '../../server/networks/network.ts';
import { createThreads } from '../../server/networks/threads.ts';
import { createX } from '../../server/networks/x.ts';
import { createSeal } from '../../server/seal.ts';

type Environment = Record<string, string | undefined>;

/** The account of whoever runs it. CONTRIBUTING.md says where each comes from. */
const settingsSchema = z.object({
  LIVE_ACCOUNT_ID: z.string().optional(),
  LIVE_HANDLE: z.string().min(1),
  /** As the connector keeps them: JSON. */
  LIVE_CREDENTIALS: z.string().optional(),
  /** With blanks between them. */
  LIVE_SCOPES: z.string().default(''),
  LIVE_APP_PASSWORD: z.string().optional(),
  LIVE_SERVICE_URL: z.url().default('https://bsky.social'),
  /** A JPEG that the network can fetch: Threads and Instagram take pictures by address. */
  LIVE_PICTURE_URL: z.url({ protocol: /^https$/ }).optional(),
});

export type LiveSettings = z.infer<typeof settingsSchema>;

export const readLiveSettings = (env: Environment): LiveSettings => settingsSchema.parse(env);

export function findLiveNetwork(id: string, env: Environment): Network {
  const config = readConfig(env);
  const { networks } = config;
  // Linking needs them, and nothing is linked here.
  const publicUrl = config.publicUrl ?? 'http://127.0.0.1:3000';
  const seal = createSeal('nothing is sealed in a live run');
  const created = new Map<string, () => Network>([
    ['bluesky', () => createBluesky({ config, publicUrl, seal })],
    ['mastodon', createMastodon],
    ['x', () => createX(networks.x)],
    ['linkedin', () => createLinkedin(networks.linkedin)],
    ['threads', () => createThreads(networks.threads)],
    ['instagram', () => createInstagram(networks.instagram)],
    ['facebook', () => createFacebook(networks.facebook)],
  ]).get(id);
  if (!created)
    throw new Error(
      `There is no network ${id}; name bluesky, mastodon, x, linkedin, threads, instagram or facebook.`,
    );
  return created();
}

/** Everything of the settings and credentials that must not be written down. */
export function secretsOf(settings: LiveSettings, credentials: string | undefined): string[] {
  const own = [settings.LIVE_APP_PASSWORD, settings.LIVE_HANDLE].filter((value) => value !== undefined);
  const isAddress = (value: string) => /^https?:\/\//.test(value);
  return [...own, ...stringsOf(JSON.parse(credentials ?? 'null')).filter((value) => !isAddress(value))];
}

export async function openLiveChannel(
  network: Network,
  settings: LiveSettings,
  fetch: GuardedFetch,
): Promise<ChannelAccess> {
  const { LIVE_HANDLE: handle, LIVE_APP_PASSWORD: appPassword, LIVE_SERVICE_URL: serviceUrl } = settings;
  const grantedScopes = settings.LIVE_SCOPES.split(' ').filter(Boolean);
  if (network.id === 'bluesky' && appPassword) {
    const account = { serviceUrl, handle, appPassword };
    const linked = await openBlueskySession(fetch, account, AbortSignal.timeout(20_000));
    const { remoteAccountId, credentials } = linked;
    return { channelId: 'live', remoteAccountId, handle: linked.handle, credentials, grantedScopes };
  }
  const { LIVE_ACCOUNT_ID: remoteAccountId, LIVE_CREDENTIALS: credentials } = settings;
  if (!remoteAccountId || !credentials) {
    throw new Error('LIVE_ACCOUNT_ID and LIVE_CREDENTIALS name the account and how to get in.');
  }
  return { channelId: 'live', remoteAccountId, handle, credentials, grantedScopes };
}

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(stringsOf) : [];
}
