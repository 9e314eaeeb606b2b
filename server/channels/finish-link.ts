import { assertMayWrite, type PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { conflict, invalidInput, unavailable } from '../errors.ts';
import type { LinkedAccount } from '../networks/account-link.ts';
import { takeReturnedLink, type TakenLink } from './take-returned-link.ts';
import { findLinkable, linkCallOf, purposeOf, toLinkError, type LinkableNetwork } from './link-attempt.ts';
import { storeChannel, type LinkedChannel } from './store-channel.ts';

/** How networks say that the person did not allow it: RFC 6749, section 4.1.2.1, and LinkedIn's own words. */
const DENIALS: ReadonlySet<string> = new Set([
  'access_denied',
  'user_cancelled_login',
  'user_cancelled_authorize',
]);
/** How they say that the app is set up otherwise than it asks: RFC 6749, and LinkedIn's own word for it. */
const APP_ERRORS: ReadonlySet<string> = new Set([
  'invalid_request',
  'invalid_scope',
  'unauthorized_client',
  'unauthorized_scope_error',
  'unsupported_response_type',
]);
const OUTAGES: ReadonlySet<string> = new Set(['server_error', 'temporarily_unavailable']);
const ERROR_CODE = /^[\w.-]{1,60}$/;

export type FinishedLink =
  | { kind: 'linked'; channel: LinkedChannel; isOtherAccount: boolean }
  /** The accounts wait under this id. */
  | { kind: 'to_choose'; linkId: string };

/**
 * The network's answer, in the browser that was sent there. It is taken once, whatever comes of it.
 * @throws AppError NotAllowed (`link_gone`, a viewer); InvalidInput (`link_denied`, `link_refused`); Conflict (`no_accounts`);
 *   Unavailable (`network_unavailable`, `rate_limited`)
 */
export async function finishLink(
  context: Context,
  caller: PersonCaller,
  input: { network: string; sessionToken: string; query: URLSearchParams },
): Promise<FinishedLink> {
  assertMayWrite(caller);
  const network = findLinkable(context, input.network);
  const taken = await takeReturnedLink(context, caller, input);
  const accounts = await askNetwork(context, network, { taken, query: input.query });
  const [first, ...others] = accounts;
  if (!first) {
    throw conflict({
      code: 'no_accounts',
      message: `${network.name} told of no account that can be published to. Check with which account you signed in there.`,
    });
  }
  if (others.length > 0) {
    await keepForChoice(context, taken, accounts);
    return { kind: 'to_choose', linkId: taken.id };
  }
  const channel = await context.db.$transaction((tx) =>
    storeChannel(context, tx, caller, { network: network.id, account: first }),
  );
  const isOtherAccount = taken.relinks !== null && taken.relinks !== channel.channelId;
  return { kind: 'linked', channel, isOtherAccount };
}

async function askNetwork(
  context: Context,
  network: LinkableNetwork,
  { taken, query }: { taken: TakenLink; query: URLSearchParams },
): Promise<LinkedAccount[]> {
  const error = query.get('error');
  if (error !== null) throw refusalOf(network, error);
  try {
    return await network.link.finish({
      ...linkCallOf(context, network.id),
      memory: taken.memory,
      query,
    });
  } catch (failure) {
    throw toLinkError(failure, network);
  }
}

/** Nothing but a code is repeated of what stands in the address: whoever made the address chose the rest. */
function refusalOf({ name }: LinkableNetwork, error: string) {
  if (DENIALS.has(error)) {
    return invalidInput({
      code: 'link_denied',
      message: `You did not allow it on ${name}. Nothing was linked.`,
    });
  }
  const code = ERROR_CODE.test(error) ? ` (${error})` : '';
  if (OUTAGES.has(error)) {
    return unavailable({
      code: 'network_unavailable',
      isRetriable: true,
      message: `${name} could not do it right now${code}. Nothing was linked; try again in a few minutes.`,
    });
  }
  const advice = APP_ERRORS.has(error)
    ? ' It does not give this server what it asks for: its operator checks there that everything is registered as the page for linking says.'
    : '';
  return invalidInput({
    code: 'link_refused',
    message: `${name} refused the link${code}. Nothing was linked.${advice}`,
  });
}

async function keepForChoice(
  { db, seal }: Context,
  { id }: TakenLink,
  accounts: readonly LinkedAccount[],
): Promise<void> {
  const sealed = seal.seal(JSON.stringify(accounts), purposeOf(id, 'accounts'));
  await db.channelLink.update({ where: { id }, data: { accounts: sealed } });
}
