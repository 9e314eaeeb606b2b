import type { Settings } from './config.ts';

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
