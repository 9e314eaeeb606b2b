import { assertMayWrite, type PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { invalidInput, unavailable } from '../errors.ts';
import { openBlueskySession } from '../networks/bluesky-session.ts';
import type { LinkedAccount } from '../networks/account-link.ts';
import { NetworkError } from '../networks/network-error.ts';
import { storeChannel, type LinkedChannel } from './store-channel.ts';

const LINK_TIMEOUT_MS = 20_000;
const APP_PASSWORD = /^[a-z0-9]{4}(-[a-z0-9]{4}){3}$/;
const HANDLE = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

export interface BlueskyLinkInput {
  /** With or without the @ in front. */
  handle: string;
  /** Made under Settings, App passwords: four groups of four. The account's own password is refused unsent. */
  appPassword: string;
  /** The account's own server, for those who run one. */
  serviceUrl?: string | undefined;
}

/**
 * Links a Bluesky account, or links it again.
 * @throws AppError InvalidInput naming the field (`invalid_handle`, `not_an_app_password`, `wrong_app_password`,
 *   `invalid_service_url`); NotAllowed for a viewer; Unavailable (`network_unavailable`)
 */
export async function linkBlueskyChannel(
  context: Context,
  caller: PersonCaller,
  input: BlueskyLinkInput,
): Promise<LinkedChannel> {
  assertMayWrite(caller);
  const handle = readHandle(input.handle);
  const appPassword = readAppPassword(input.appPassword);
  const serviceUrl = readServiceUrl(input.serviceUrl ?? context.config.blueskyServiceUrl);
  const account = await openSession(context, { handle, appPassword, serviceUrl });
  return context.db.$transaction((tx) => storeChannel(context, tx, caller, { network: 'bluesky', account }));
}

function readHandle(value: string): string {
  const handle = value.trim().replace(/^@/, '').toLowerCase();
  if (HANDLE.test(handle)) return handle;
  throw invalidInput({
    code: 'invalid_handle',
    field: 'handle',
    message: 'This is not a Bluesky handle. It looks like name.bsky.social.',
  });
}

function readAppPassword(value: string): string {
  const appPassword = value.trim().toLowerCase();
  if (APP_PASSWORD.test(appPassword)) return appPassword;
  throw invalidInput({
    code: 'not_an_app_password',
    field: 'appPassword',
    message:
      'This is not an app password. Make one in Bluesky under Settings, Privacy and security, App passwords; it looks like abcd-efgh-ijkl-mnop.',
  });
}

function readServiceUrl(value: string): string {
  const url = URL.parse(value.includes('://') ? value : `https://${value}`);
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return url.origin;
  throw invalidInput({
    code: 'invalid_service_url',
    field: 'serviceUrl',
    message: 'This is not the address of a server. It looks like https://bsky.social.',
  });
}

async function openSession(
  context: Context,
  account: { handle: string; appPassword: string; serviceUrl: string },
): Promise<LinkedAccount> {
  try {
    return await openBlueskySession(context.fetch, account, AbortSignal.timeout(LINK_TIMEOUT_MS));
  } catch (cause) {
    if (!(cause instanceof NetworkError)) throw cause;
    throw toLinkError(cause, account);
  }
}

function toLinkError(cause: NetworkError, { handle, serviceUrl }: { handle: string; serviceUrl: string }) {
  const { host } = new URL(serviceUrl);
  switch (cause.kind) {
    case 'rejected':
    case 'auth_expired':
      return invalidInput({
        code: 'wrong_app_password',
        field: 'appPassword',
        message: `${host} does not know the account ${handle} with this app password. Check the handle for a typing error, then the app password.`,
        cause,
      });
    case 'blocked':
      return invalidInput({ code: 'channel_blocked', field: 'handle', message: cause.message, cause });
    case 'rate_limited':
      return unavailable({
        code: 'rate_limited',
        isRetriable: true,
        message: `${host} asks to wait before another try. Try again in a few minutes.`,
        cause,
      });
    default:
      return unavailable({
        code: 'network_unavailable',
        isRetriable: true,
        message: `${host} could not be reached as a Bluesky server. Check its address, or try again later.`,
        cause,
      });
  }
}
