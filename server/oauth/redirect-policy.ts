const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);
const MAX_REDIRECT_URIS = 10;
const MAX_URI_LENGTH = 2000;

/** Editors that come back by a scheme without a dot; schemes after a reversed domain name (RFC 8252, 7.1) need no entry. */
const APP_SCHEMES = new Set([
  'claude:',
  'code-oss:',
  'cursor:',
  'goose:',
  'jetbrains:',
  'kiro:',
  'trae:',
  'vscode:',
  'vscode-insiders:',
  'vscodium:',
  'warp:',
  'windsurf:',
  'zed:',
]);
const REVERSED_DOMAIN_SCHEME = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/;

/**
 * Why these redirect URIs are refused, or null: https anywhere, http on this computer only, and the schemes of apps.
 * The reason starts with "redirect_uris", which oidc-provider answers as `invalid_redirect_uri`.
 */
export function findRedirectProblem(uris: unknown): string | null {
  if (!Array.isArray(uris) || uris.length === 0) return 'redirect_uris must be a list with at least one URI';
  if (uris.length > MAX_REDIRECT_URIS) return `redirect_uris must have at most ${MAX_REDIRECT_URIS} members`;
  for (const uri of uris) {
    const problem = typeof uri === 'string' ? findUriProblem(uri) : 'must only contain strings';
    if (problem) return `redirect_uris ${problem}`;
  }
  return null;
}

function findUriProblem(uri: string): string | null {
  const url = uri.length <= MAX_URI_LENGTH ? URL.parse(uri) : null;
  if (!url) return 'must only contain valid URIs';
  if (uri.includes('#')) return 'must not contain fragments';
  if (url.username || url.password) return 'must not contain a user name or password';
  if (url.protocol === 'https:') return null;
  if (url.protocol === 'http:') {
    return isLoopback(url)
      ? null
      : 'may use http with localhost, 127.0.0.1 or [::1] only; use https elsewhere';
  }
  const isAppScheme = APP_SCHEMES.has(url.protocol) || REVERSED_DOMAIN_SCHEME.test(url.protocol);
  return isAppScheme ? null : `must not use the scheme ${url.protocol.slice(0, -1)}`;
}

/** Whether the client runs on the person's own computer: then any loopback port is accepted (RFC 8252, 7.3). */
export function isNativeClient(uris: readonly string[]): boolean {
  return uris.some((uri) => {
    const url = URL.parse(uri);
    return url !== null && url.protocol !== 'https:';
  });
}

export interface RedirectTarget {
  /** A host, or the scheme of an app such as `cursor:`. */
  host: string;
  /** It is reached on the person's own computer, where no host name vouches for it. */
  isOnThisComputer: boolean;
}

/** Where an approval goes, as the consent page and the list of connections name it. */
export function describeRedirect(uri: string): RedirectTarget {
  const url = new URL(uri);
  if (url.protocol === 'https:') return { host: url.host, isOnThisComputer: false };
  if (url.protocol === 'http:') return { host: url.hostname, isOnThisComputer: isLoopback(url) };
  return { host: url.protocol, isOnThisComputer: true };
}

function isLoopback(url: URL): boolean {
  return LOOPBACK_HOSTS.has(url.hostname);
}
