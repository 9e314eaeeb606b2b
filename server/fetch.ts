import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';
import { Agent, fetch as undiciFetch, type Dispatcher } from 'undici';

/** Unicast by its range, but the host machine of a large cloud answers there (its metadata and agent endpoint). */
const REFUSED_ADDRESSES = new Set(['168.63.129.16']);
const GLOBAL_UNICAST = ipaddr.IPv6.parse('2000::');
const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_BYTES = 1_000_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** URL leaves its scheme's own port empty. */
const PUBLIC_PORTS = new Set(['', '80', '443']);

export interface GuardedRequest extends Omit<RequestInit, 'redirect' | 'dispatcher'> {
  /** For the whole exchange, body included; 10 s unless told. */
  timeoutMs?: number;
  /** Of the answer's body, decoded; 1 MB unless told. */
  maxBytes?: number;
  /** Followed by GET alone, each guarded like the first address and without credentials; none unless told. */
  maxRedirects?: number;
  /** True when not the operator chose the address: hosts that they named for other purposes are no exception then. */
  isPublicOnly?: boolean;
}

/**
 * The only way out of the server: public unicast addresses over https on the usual ports, no redirects unless asked for,
 * capped in time and size, one connection per request (a reused one makes a reset ambiguous).
 * @throws GuardedFetchError `refused_url` or `too_large`; TypeError with undici's cause, or for a redirect too many;
 *   DOMException TimeoutError, AbortError
 */
export type GuardedFetch = ((url: string | URL, init?: GuardedRequest) => Promise<Response>) & {
  close(): Promise<void>;
};

export type GuardedFetchErrorCode = 'refused_url' | 'too_large';

/** `refused_url`: surely nothing was sent. `too_large`: the answer had begun. */
export class GuardedFetchError extends Error {
  readonly code: GuardedFetchErrorCode;

  constructor(code: GuardedFetchErrorCode, message: string) {
    super(message);
    this.name = 'GuardedFetchError';
    this.code = code;
  }
}

/** node:dns lookup with `all: true`. */
export type AddressLookup = (
  hostname: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

const lookUp: AddressLookup = (hostname, callback) =>
  systemLookup(hostname, { all: true }, (error, addresses) => callback(error, addresses ?? []));

/**
 * @param allowPrivateHosts `host` or `host:port`: may be called on any address, by http too
 * @param resolve stands in for DNS in tests
 */
export function createGuardedFetch(
  allowPrivateHosts: readonly string[],
  resolve: AddressLookup = lookUp,
): GuardedFetch {
  const allowed = new Set(allowPrivateHosts.map((host) => host.toLowerCase()));
  const guarded = createAgent((hostname, callback) =>
    resolve(hostname, (error, addresses) => {
      const isPublic = addresses.length > 0 && addresses.every(({ address }) => isPublicAddress(address));
      if (error || isPublic) callback(error, addresses);
      else callback(refusal(`The host ${hostname} has an address that is not public.`), []);
    }),
  );
  const unguarded = createAgent(resolve);

  const fetchOnce = async (url: URL, isPublicOnly: boolean, request: object): Promise<Response> => {
    const isAllowed = !isPublicOnly && isNamed(url, allowed);
    if (!isAllowed) assertIsPublic(url);
    const dispatcher = isAllowed ? unguarded : guarded;
    return (await undiciFetch(url, { ...request, dispatcher })) as unknown as Response;
  };
  const guardedFetch = async (input: string | URL, init: GuardedRequest = {}): Promise<Response> => {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, maxBytes = DEFAULT_MAX_BYTES, maxRedirects = 0, ...asked } = init;
    const { isPublicOnly = false, ...rest } = asked;
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = rest.signal ? AbortSignal.any([rest.signal, deadline]) : deadline;
    const mayRedirect = maxRedirects > 0 && (rest.method ?? 'GET') === 'GET';
    const request = { ...rest, signal, redirect: mayRedirect ? 'manual' : 'error' };
    let url = new URL(input);
    let response = await fetchOnce(url, isPublicOnly, request);
    for (let followed = 0; isRedirect(response); followed += 1) {
      void response.body?.cancel();
      if (followed === maxRedirects) throw new TypeError('The address redirects too often.');
      url = targetOf(response, url);
      response = await fetchOnce(url, isPublicOnly, {
        ...request,
        headers: withoutCredentials(rest.headers),
      });
    }
    return capBody(response, maxBytes);
  };
  return Object.assign(guardedFetch, {
    close: async () => {
      await Promise.all([guarded.destroy(), unguarded.destroy()]);
    },
  });
}

/** What `lookUpAll` answers is what the socket connects to, so a name that changes its address between gains nothing. */
function createAgent(lookUpAll: AddressLookup): Dispatcher {
  const agent = new Agent({
    pipelining: 0,
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      lookup: (hostname, options, callback) =>
        lookUpAll(hostname, (error, addresses) => {
          const first = addresses[0];
          if (error || !first) callback(error ?? refusal(`The host ${hostname} has no address.`), '', 0);
          else if (options.all) callback(null, addresses);
          else callback(null, first.address, first.family);
        }),
    },
  });
  return agent.compose((dispatch) => (options, handler) => dispatch(options, takeOneAnswer(handler)));
}

/**
 * By the Fetch standard a request whose answer is 421 is sent once more unasked, whatever its method. Here that answer is the
 * end of it: what publishes, or spends a token, goes out once.
 */
function takeOneAnswer(handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
  const wrongServer = () =>
    Object.assign(new Error('The server says that it is the wrong one.'), { code: 'http_421' });
  return {
    onRequestStart: (...args) => handler.onRequestStart?.(...args),
    onResponseStarted: () => handler.onResponseStarted?.(),
    onResponseStart: (controller, status, ...args) => {
      if (status === 421) controller.abort(wrongServer());
      else handler.onResponseStart?.(controller, status, ...args);
    },
    onResponseData: (...args) => handler.onResponseData?.(...args),
    onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
    onResponseError: (...args) => handler.onResponseError?.(...args),
  };
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function isRedirect(response: Response): boolean {
  return REDIRECTS.has(response.status) && response.headers.has('location');
}

function targetOf(response: Response, from: URL): URL {
  const location = response.headers.get('location')!;
  if (!URL.canParse(location, from)) throw refusal('The address redirects to what is no address.');
  return new URL(location, from);
}

function withoutCredentials(headers: GuardedRequest['headers']): Headers {
  const kept = new Headers(headers);
  for (const name of ['authorization', 'cookie', 'proxy-authorization']) kept.delete(name);
  return kept;
}

/** @param allowed `host` or `host:port`, in lower case */
export function isNamed(url: URL, allowed: ReadonlySet<string>): boolean {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false;
  if (url.username || url.password) return false;
  return allowed.has(url.hostname) || allowed.has(hostAndPort(url));
}

/** As a named host is written when it is allowed on one port alone. */
export function hostAndPort(address: string | URL): string {
  const { hostname, port, protocol } = new URL(address);
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

function assertIsPublic(url: URL): void {
  if (url.protocol !== 'https:') throw refusal('Only https addresses can be called.');
  if (url.username || url.password) throw refusal('An address with a user name in it cannot be called.');
  if (!PUBLIC_PORTS.has(url.port)) throw refusal(`Port ${url.port} cannot be called.`);
  // Node gives a literal address to the socket without a lookup.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) && !isPublicAddress(host)) throw refusal(`The address ${host} is not public.`);
  if (!isIP(host) && !host.replace(/\.$/, '').includes('.')) throw refusal(`The host ${host} is not public.`);
}

/**
 * True for addresses of the public internet (ipaddr.js `unicast`). IPv4 in IPv6 clothes is judged by what is inside, and of
 * IPv6 only the global unicast space 2000::/3 counts (RFC 4291): the old IPv4-compatible addresses (::127.0.0.1) lie outside.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast' || REFUSED_ADDRESSES.has(parsed.toString())) return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_UNICAST, 3);
}

function capBody(response: Response, maxBytes: number): Response {
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    void response.body?.cancel();
    throw tooLarge(maxBytes);
  }
  let received = 0;
  const cap = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      received += chunk.byteLength;
      if (received > maxBytes) controller.error(tooLarge(maxBytes));
      else controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body ? response.body.pipeThrough(cap) : null, {
    status,
    statusText,
    headers: [...headers],
  });
}

const refusal = (message: string) => new GuardedFetchError('refused_url', message);
const tooLarge = (maxBytes: number) =>
  new GuardedFetchError('too_large', `The answer is larger than ${maxBytes} bytes.`);
