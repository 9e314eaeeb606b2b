import path from 'node:path';

import { z } from 'zod';

import { captionModelOf, type CaptionModelSettings } from './caption-settings.ts';
import { companyOf, type CompanySettings } from './company-settings.ts';
import { invalidInput } from './errors.ts';
import { mediaOf, type MediaSettings } from './media-settings.ts';
import { networkSettingsShape, networksOf, type NetworkSettings } from './network-settings.ts';
import { flag, hostList, httpUrl } from './setting-kinds.ts';

const positiveInteger = z.coerce.number().int().positive();

/** Every setting, by the name of its environment variable. .env.example says the same for people. */
export const settingsSchema = z.object({
  /** development: /design shows what pages are made of. */
  NODE_ENV: z.string().optional(),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATA_DIR: z.string().min(1).default('.data'),
  /** Where people and clients reach the server: an origin without a path. */
  PUBLIC_URL: httpUrl
    .refine(
      (url) => !URL.canParse(url) || (new URL(url).pathname === '/' && !new URL(url).search),
      'must be an origin without a path',
    )
    .transform((url) => new URL(url).origin)
    .optional(),
  /** True behind a reverse proxy that sets X-Forwarded-For and X-Forwarded-Proto itself. */
  TRUST_PROXY: flag.default(false),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** The owner of the tables, where DATABASE_URL names a user that owns nothing. */
  MIGRATE_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  /** At least 32 characters; made in DATA_DIR at the first run when unset. */
  SECRET_KEY: z.string().min(32).optional(),
  OWNER_EMAIL: z.email().optional(),
  OWNER_PASSWORD: z.string().min(10).optional(),
  /** inline: the web process runs the workers too; none: they run as `npm run workers`. */
  WORKERS: z.enum(['inline', 'none']).default('inline'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** host or host:port, comma-separated: private addresses that the server may call all the same. */
  ALLOW_PRIVATE_HOSTS: hostList,
  DATABASE_CONNECTIONS: positiveInteger.default(20),
  DRAIN_SECONDS: positiveInteger.default(25),

  /** Hosts, comma-separated, whose pages may call the MCP endpoint from a browser, besides our own and localhost. */
  MCP_ALLOWED_ORIGIN_HOSTS: hostList,
  /** Per connection and web process; more is refused inside the tool's result. */
  MCP_CALLS_PER_MINUTE: positiveInteger.default(1200),

  /** Client ID Metadata Documents. auto: where the server is public and the hosts of known editors let it read theirs. */
  CLIENT_DOCUMENTS: z.enum(['auto', 'on', 'off']).default('auto'),

  /** True: a client that names a revision of 2025 in its header and writes the body of 2026-07-28 is served all the same. */
  MCP_HEADER_SHIM: flag.default(true),

  /** What a client is told (expires_in). */
  TOKEN_ANNOUNCED_SECONDS: positiveInteger.default(3600),
  /** An access token that was never refreshed is honoured this long after its last use. */
  TOKEN_IDLE_HOURS: z.coerce.number().positive().default(24),
  TOKEN_MAX_DAYS: z.coerce.number().positive().default(30),
  /** True: an access token dies when its announced hour is over. */
  TOKEN_STRICT: flag.default(false),
  /** After a refresh the old access token lives this long, and the old refresh token gets the same answer again. */
  REFRESH_REPLAY_SECONDS: positiveInteger.default(60),

  PUBLISH_LEASE_SECONDS: positiveInteger.default(30),
  /** How long an unclear send rests before it is read back; unset: each network's own time. */
  PUBLISH_QUARANTINE_SECONDS: positiveInteger.optional(),
  PUBLISH_LATE_LIMIT_MINUTES: positiveInteger.default(30),
  /** Of one team; of all together twice as many. */
  PUBLISH_CONCURRENCY: positiveInteger.default(20),
  /** A client's request for approval that nobody answered in this time has to be made anew. */
  APPROVAL_REQUEST_DAYS: positiveInteger.max(365).default(7),

  /** The company's OpenID provider, as it writes its own name; with OIDC_CLIENT_ID it turns company sign-in on. */
  OIDC_ISSUER: httpUrl.optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  /** Unset: a public client, by PKCE alone. */
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  /** What the button says it goes on with. */
  OIDC_LABEL: z.string().min(1).max(60).default('company account'),
  /** Domains, comma-separated, whose addresses may come in; unset: any that is invited. */
  OIDC_ALLOWED_DOMAINS: hostList,
  OIDC_SCOPES: z
    .string()
    .refine((scopes) => scopes.split(/\s+/).includes('openid'), 'it must contain openid')
    .default('openid email profile'),
  /** True for providers that never send email_verified, such as Entra ID; needs OIDC_ALLOWED_DOMAINS. */
  OIDC_TRUST_EMAIL: flag.default(false),

  ...networkSettingsShape,

  /** The largest picture that is taken, in million bytes; the image engine takes 25. */
  MEDIA_MAX_MB: z.coerce
    .number()
    .positive()
    .max(25, 'it must be at most 25: the image engine takes no larger picture')
    .default(20),
  /** What the library of one team may hold, in million bytes. */
  MEDIA_QUOTA_MB: z.coerce.number().positive().default(5000),
  /** What networks got of its pictures goes this long after a post is over on every channel. */
  PUBLISHED_PICTURES_DAYS: positiveInteger.max(36_500).default(90),
  /** Of any S3 API; unset: that of AWS in the region. */
  S3_ENDPOINT: httpUrl.optional(),
  /** With the two keys it puts the media library there; unset: on disk, in DATA_DIR/media. */
  S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'it must be the name of a bucket')
    .optional(),
  S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'it must be a region such as us-east-1')
    .default('us-east-1'),
  S3_ACCESS_KEY_ID: z.string().min(1).optional(),
  S3_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  /** False: the bucket stands in the host name. */
  S3_FORCE_PATH_STYLE: flag.default(true),

  /** Who writes captions; unset: the model in the person's own editor does. */
  CAPTION_MODEL_PROVIDER: z.enum(['anthropic', 'openai', 'openai-compatible']).optional(),
  CAPTION_MODEL: z.string().min(1).optional(),
  CAPTION_MODEL_API_KEY: z.string().min(1).optional(),
  /** Its host may be private: the operator named it, and nobody else gets there by it. */
  CAPTION_MODEL_BASE_URL: httpUrl.optional(),
  CAPTION_MODEL_TIMEOUT_SECONDS: positiveInteger.default(45),
});

export type Settings = z.infer<typeof settingsSchema>;

export type Config = Readonly<{
  isDevelopment: boolean;
  port: number;
  host: string;
  /** Absolute. */
  dataDir: string;
  publicUrl: string | undefined;
  trustProxy: boolean;
  databaseUrl: string | undefined;
  migrateDatabaseUrl: string | undefined;
  redisUrl: string | undefined;
  secretKey: string | undefined;
  owner: Readonly<{ email: string; password: string }> | undefined;
  workers: Settings['WORKERS'];
  logLevel: Settings['LOG_LEVEL'];
  allowPrivateHosts: readonly string[];
  databaseConnections: number;
  drainMs: number;
  allowedOriginHosts: readonly string[];
  toolCallsPerMinute: number;
  hasMcpHeaderShim: boolean;
  clientDocuments: Settings['CLIENT_DOCUMENTS'];
  tokens: Readonly<{
    announcedSeconds: number;
    idleSeconds: number;
    maxSeconds: number;
    isStrict: boolean;
    replaySeconds: number;
  }>;
  publishing: Readonly<{
    leaseSeconds: number;
    quarantineSeconds: number | undefined;
    lateLimitSeconds: number;
    concurrency: number;
  }>;
  approvalRequestDays: number;
  /** Company sign-in; undefined when it is off. */
  company: CompanySettings | undefined;
  blueskyServiceUrl: string;
  blueskyDirectoryUrl: string;
  networks: NetworkSettings;
  media: MediaSettings;
  /** Undefined: whoever asks for captions writes them. */
  captionModel: CaptionModelSettings | undefined;
}>;

/**
 * The only reader of the environment. An empty variable counts as unset, as in .env files and compose.
 * @throws AppError InvalidInput (`invalid_setting`) naming the first wrong setting and what it must be.
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const named = Object.fromEntries(
    Object.keys(settingsSchema.shape)
      .map((name) => [name, environment[name]] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = settingsSchema.safeParse(named, { error: describeWrongSetting });
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const name = String(issue.path[0]);
    throw invalidInput({
      code: 'invalid_setting',
      field: name,
      message: `The setting ${name} is not valid: ${issue.message}. Correct it, or unset it to use the default.`,
    });
  }
  const settings = parsed.data;
  return Object.freeze({
    isDevelopment: settings.NODE_ENV === 'development',
    port: settings.PORT,
    host: settings.HOST,
    dataDir: path.resolve(settings.DATA_DIR),
    publicUrl: settings.PUBLIC_URL,
    trustProxy: settings.TRUST_PROXY,
    databaseUrl: settings.DATABASE_URL,
    migrateDatabaseUrl: settings.MIGRATE_DATABASE_URL,
    redisUrl: settings.REDIS_URL,
    secretKey: settings.SECRET_KEY,
    owner: ownerOf(settings),
    workers: settings.WORKERS,
    logLevel: settings.LOG_LEVEL,
    allowPrivateHosts: settings.ALLOW_PRIVATE_HOSTS,
    databaseConnections: settings.DATABASE_CONNECTIONS,
    drainMs: settings.DRAIN_SECONDS * 1000,
    allowedOriginHosts: settings.MCP_ALLOWED_ORIGIN_HOSTS,
    toolCallsPerMinute: settings.MCP_CALLS_PER_MINUTE,
    hasMcpHeaderShim: settings.MCP_HEADER_SHIM,
    clientDocuments: settings.CLIENT_DOCUMENTS,
    tokens: {
      announcedSeconds: settings.TOKEN_ANNOUNCED_SECONDS,
      idleSeconds: settings.TOKEN_IDLE_HOURS * 3600,
      maxSeconds: Math.round(settings.TOKEN_MAX_DAYS * 86_400),
      isStrict: settings.TOKEN_STRICT,
      replaySeconds: settings.REFRESH_REPLAY_SECONDS,
    },
    publishing: {
      leaseSeconds: settings.PUBLISH_LEASE_SECONDS,
      quarantineSeconds: settings.PUBLISH_QUARANTINE_SECONDS,
      lateLimitSeconds: settings.PUBLISH_LATE_LIMIT_MINUTES * 60,
      concurrency: settings.PUBLISH_CONCURRENCY,
    },
    approvalRequestDays: settings.APPROVAL_REQUEST_DAYS,
    company: companyOf(settings),
    blueskyServiceUrl: settings.BLUESKY_SERVICE_URL,
    blueskyDirectoryUrl: settings.BLUESKY_DIRECTORY_URL,
    networks: networksOf(settings),
    media: mediaOf(settings),
    captionModel: captionModelOf(settings),
  });
}

/** In words for the person at the terminal; what has none here is said by the schema. */
function describeWrongSetting(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type' && issue.expected === 'number') return 'it must be a number';
  if (issue.code === 'too_big' && issue.origin === 'number') return `it must be at most ${issue.maximum}`;
  if (issue.code === 'too_small' && issue.origin === 'number') {
    return `it must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
  }
  if (issue.code === 'too_small' && issue.origin === 'string') {
    return `it needs at least ${issue.minimum} characters`;
  }
  return undefined;
}

function ownerOf(settings: Settings): Config['owner'] {
  const { OWNER_EMAIL: email, OWNER_PASSWORD: password } = settings;
  if (!email && !password) return undefined;
  if (!email || !password) {
    throw invalidInput({
      code: 'invalid_setting',
      message: 'OWNER_EMAIL and OWNER_PASSWORD make the first owner together: set both, or neither.',
    });
  }
  return { email: email.toLowerCase(), password };
}
