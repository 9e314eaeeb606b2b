/**
 * Answers the authorize page of a stand-in as a browser does, without one.
 * @returns where the network sends the browser then: the callback, not called
 */
export async function pressAuthorize(
  authorizeUrl: URL | string,
  {
    accountId,
    without = [],
    deny = false,
  }: { accountId?: string; without?: readonly string[]; deny?: boolean } = {},
): Promise<URL> {
  const shown = await fetch(authorizeUrl, { redirect: 'manual' });
  const page = await shown.text();
  const location = shown.headers.get('location');
  if (location !== null) return new URL(location);
  if (!shown.ok) throw new Error(page);
  const form = new URLSearchParams({ request: valuesOf(page, /name="request" value="([^"]+)"/g)[0]! });
  form.set('answer', deny ? 'deny' : 'allow');
  const account = accountId ?? valuesOf(page, /<option value="([^"]+)"/g)[0];
  if (account !== undefined) form.set('account', account);
  for (const scope of valuesOf(page, /name="scope" value="([^"]+)"/g)) {
    if (!without.includes(scope)) form.append('scope', scope);
  }
  const action = new URL(valuesOf(page, /action="([^"]+)"/g)[0]!, authorizeUrl);
  const answer = await fetch(action, { method: 'POST', body: form, redirect: 'manual' });
  const callback = answer.headers.get('location');
  if (callback === null) throw new Error(await answer.text());
  return new URL(callback);
}

function valuesOf(page: string, pattern: RegExp): string[] {
  return [...page.matchAll(pattern)].map(([, value]) =>
    value!.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))),
  );
}
