import { z } from 'zod';

import type { Settings } from './config.ts';
import { flag, httpUrl } from './setting-kinds.ts';

/** The part of the settings' schema that is about networks. */
export const networkSettingsShape = {
  /** Where a Bluesky handle is looked up when the person names no server. */
  BLUESKY_SERVICE_URL: httpUrl.default('https://bsky.social'),
  /** Where account ids are looked up. */
  BLUESKY_DIRECTORY_URL: httpUrl.default('https://plc.directory'),

  /** The app registered at developer.x.com; without a secret it is a public client. */
  X_CLIENT_ID: z.string().min(1).optional(),
  X_CLIENT_SECRET: z.string().min(1).optional(),
  X_API_URL: httpUrl.default('https://api.x.com'),
  X_WEB_URL: httpUrl.default('https://x.com'),
  /** The app registered at developer.linkedin.com. */
  LINKEDIN_CLIENT_ID: z.string().min(1).optional(),
  LINKEDIN_CLIENT_SECRET: z.string().min(1).optional(),
  /** True when LinkedIn gave the app the Community Management API: organisations can be linked too. */
  LINKEDIN_ORGANIZATIONS: flag.default(false),
  /** YYYYMM; each version lives for a year. */
  LINKEDIN_VERSION: z
    .string()
    .regex(/^20\d{2}(0[1-9]|1[0-2])$/, 'it must be a year and a month, such as 202607')
    .default('202607'),
  LINKEDIN_API_URL: httpUrl.default('https://api.linkedin.com'),
  LINKEDIN_WEB_URL: httpUrl.default('https://www.linkedin.com'),
  /** The apps registered at developers.facebook.com, one for each use case. */
  THREADS_APP_ID: z.string().min(1).optional(),
  THREADS_APP_SECRET: z.string().min(1).optional(),
  THREADS_API_URL: httpUrl.default('https://graph.threads.com'),
  THREADS_WEB_URL: httpUrl.default('https://threads.com'),
  INSTAGRAM_APP_ID: z.string().min(1).optional(),
  INSTAGRAM_APP_SECRET: z.string().min(1).optional(),
  INSTAGRAM_API_URL: httpUrl.default('https://graph.instagram.com'),
  INSTAGRAM_OAUTH_URL: httpUrl.default('https://api.instagram.com'),
  INSTAGRAM_WEB_URL: httpUrl.default('https://www.instagram.com'),
  FACEBOOK_APP_ID: z.string().min(1).optional(),
  FACEBOOK_APP_SECRET: z.string().min(1).optional(),
  FACEBOOK_API_URL: httpUrl.default('https://graph.facebook.com'),
  FACEBOOK_WEB_URL: httpUrl.default('https://www.facebook.com'),
  /** Of Instagram and Facebook; each lives for about two years. */
  META_GRAPH_VERSION: z
    .string()
    .regex(/^v\d{1,3}\.\d$/, 'it must be a version such as v25.0')
    .default('v25.0'),
};

/** This server as a client that its operator registered with a network. */
export interface NetworkAppSettings {
  clientId: string | undefined;
  /** Undefined: none, or a public client where the network knows such. */
  clientSecret: string | undefined;
  /** Where its API answers: an origin. */
  apiUrl: string;
  /** Where people sign in there: an origin. */
  webUrl: string;
}

export type NetworkSettings = Readonly<{
  x: NetworkAppSettings;
  linkedin: NetworkAppSettings & {
    /** YYYYMM. */
    version: string;
    /** The app may publish for organisations (Community Management API). */
    hasOrganizations: boolean;
  };
  threads: NetworkAppSettings;
  instagram: NetworkAppSettings & { oauthUrl: string; graphVersion: string };
  facebook: NetworkAppSettings & { graphVersion: string };
}>;

export function networksOf(settings: Settings): NetworkSettings {
  const graphVersion = settings.META_GRAPH_VERSION;
  return {
    x: {
      clientId: settings.X_CLIENT_ID,
      clientSecret: settings.X_CLIENT_SECRET,
      apiUrl: settings.X_API_URL,
      webUrl: settings.X_WEB_URL,
    },
    linkedin: {
      clientId: settings.LINKEDIN_CLIENT_ID,
      clientSecret: settings.LINKEDIN_CLIENT_SECRET,
      apiUrl: settings.LINKEDIN_API_URL,
      webUrl: settings.LINKEDIN_WEB_URL,
      version: settings.LINKEDIN_VERSION,
      hasOrganizations: settings.LINKEDIN_ORGANIZATIONS,
    },
    threads: {
      clientId: settings.THREADS_APP_ID,
      clientSecret: settings.THREADS_APP_SECRET,
      apiUrl: settings.THREADS_API_URL,
      webUrl: settings.THREADS_WEB_URL,
    },
    instagram: {
      clientId: settings.INSTAGRAM_APP_ID,
      clientSecret: settings.INSTAGRAM_APP_SECRET,
      apiUrl: settings.INSTAGRAM_API_URL,
      oauthUrl: settings.INSTAGRAM_OAUTH_URL,
      webUrl: settings.INSTAGRAM_WEB_URL,
      graphVersion,
    },
    facebook: {
      clientId: settings.FACEBOOK_APP_ID,
      clientSecret: settings.FACEBOOK_APP_SECRET,
      apiUrl: settings.FACEBOOK_API_URL,
      webUrl: settings.FACEBOOK_WEB_URL,
      graphVersion,
    },
  };
}
