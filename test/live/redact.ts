/** One call of a network and its answer, as it is written down. */
export interface Exchange {
  method: string;
  url: string;
  requestHeaders: Record<string, string>;
  /** Null: none. Files by their size alone. */
  requestBody: string | null;
  status: number;
  responseHeaders: Record<string, string>;
  responseBody: string;
}

/** What proves who somebody is, under the names that the networks give it. */
const SECRET_NAMES =
  'access_token|refresh_token|accessToken|refreshToken|accessJwt|refreshJwt|id_token|token|password|client_secret|appsecret_proof|code|code_verifier|fb_exchange_token|email';
const IN_JSON = new RegExp(`("(?:${SECRET_NAMES})"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, 'g');
const IN_FORM = new RegExp(`((?:^|[?&])(?:${SECRET_NAMES})=)[^&#"]*`, 'g');
const IN_MULTIPART = new RegExp(`(name="(?:${SECRET_NAMES})"\\r?\\n\\r?\\n)[^\\r\\n]*`, 'g');
const JWT = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/g;
const EMAIL = /[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+/g;
const LONG_ID = /\b\d{9,}\b/g;
const DID = /\b(did(?::|%3A)plc(?::|%3A)\w{4})\w+/g;
/** Headers that say how the network works; none of the others is kept. */
const KEPT_HEADERS =
  /^(content-type|retry-after|location|idempotency-key|x-restli-|linkedin-version|x-rate-limit|x-ratelimit|ratelimit-|x-app-usage|x-business-use-case-usage|x-page-usage)/;
const SHORTEST_SECRET = 6;

/**
 * Without tokens, codes, cookies, mail addresses and handles, with ids shortened, so that it can be compared with a stand-in.
 * @param secrets that this run knows, whatever they are called
 * @throws Error when one of them would be left, in any of the ways in which it may be written
 */
export function redactExchange(exchange: Exchange, secrets: readonly string[]): Exchange {
  const clean = (text: string) => redactText(text, secrets);
  const redacted: Exchange = {
    method: exchange.method,
    url: clean(exchange.url),
    requestHeaders: keepHeaders(exchange.requestHeaders, clean),
    requestBody: exchange.requestBody === null ? null : clean(exchange.requestBody),
    status: exchange.status,
    responseHeaders: keepHeaders(exchange.responseHeaders, clean),
    responseBody: clean(exchange.responseBody),
  };
  assertHoldsNone(JSON.stringify(redacted), secrets);
  return redacted;
}

function redactText(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of knownSecrets(secrets)) {
    for (const written of plainWaysToWrite(secret)) clean = clean.replaceAll(written, '<secret>');
  }
  return clean
    .replace(IN_JSON, '$1"<secret>"')
    .replace(IN_FORM, '$1<secret>')
    .replace(IN_MULTIPART, '$1<secret>')
    .replace(JWT, '<secret>')
    .replace(EMAIL, '<address>')
    .replace(DID, '$1…')
    .replace(LONG_ID, (id) => `${id.slice(0, 4)}…`);
}

function keepHeaders(
  headers: Record<string, string>,
  clean: (text: string) => string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => KEPT_HEADERS.test(name.toLowerCase()))
      .map(([name, value]) => [name, clean(value)]),
  );
}

function assertHoldsNone(text: string, secrets: readonly string[]): void {
  for (const secret of knownSecrets(secrets)) {
    if (
      [...plainWaysToWrite(secret), ...hiddenWaysToWrite(secret)].some((written) => text.includes(written))
    ) {
      throw new Error(
        'an exchange still holds a secret after it was redacted; nothing of it was written down',
      );
    }
  }
}

const knownSecrets = (secrets: readonly string[]) =>
  secrets.filter((secret) => secret.length >= SHORTEST_SECRET).toSorted((a, b) => b.length - a.length);

const plainWaysToWrite = (secret: string) => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
];

/** Base64 with the secret at its beginning: the last characters depend on what follows. */
const hiddenWaysToWrite = (secret: string) =>
  (['base64', 'base64url', 'hex'] as const).map((encoding) => {
    const written = Buffer.from(secret).toString(encoding).replace(/=+$/, '');
    return encoding === 'hex' ? written : written.slice(0, -2);
  });
