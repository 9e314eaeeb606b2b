import type { ApiCall } from './call-api.ts';

const SECRET_NAMES = /token|secret|code|proof|verifier|password/;
/** Shorter ones are found in any text. */
const SHORTEST = 8;

/** What a call says that must not come back in an error: tokens, codes, the app's secret. */
export function secretsOf({ url, token, headers, form, multipart }: ApiCall): string[] {
  const named = [...new URL(url).searchParams, ...Object.entries(form ?? {}), ...(multipart ?? [])].flatMap(
    ([name, value]) => (SECRET_NAMES.test(name) && typeof value === 'string' ? [value] : []),
  );
  const authorization = headers?.['authorization']?.split(' ').at(-1);
  return [token, authorization, ...named].filter((value) => value !== undefined);
}

/** Some networks repeat in an error what they were sent (`Malformed access token …`), and errors are logged. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap(writtenAs)
    .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
}

/** As it is, in an address, in a form, in JSON. */
function writtenAs(secret: string): string[] {
  const inForm = new URLSearchParams([['', secret]]).toString().slice(1);
  return [secret, encodeURIComponent(secret), inForm, JSON.stringify(secret).slice(1, -1)];
}
