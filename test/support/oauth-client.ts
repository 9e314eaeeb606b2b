import { createHash, randomBytes } from 'node:crypto';

/** A browser without JavaScript: cookies, forms, redirects that are followed one by one. */
export interface ScriptedBrowser {
  cookies: Map<string, string>;
  /** Accept-Language, when set. */
  language?: string;
  /** Follows redirects within the site; stops at the first page, or at a redirect to another site. */
  open(url: string, init?: RequestInit): Promise<Page>;
  /** Fills in a page's form by the names of its fields (null: unticks a box) and sends it with the button of this text. */
  submit(page: Page, button: string, fields?: Record<string, string | null>): Promise<Page>;
}

export interface Page {
  url: string;
  status: number;
  headers: Headers;
  html: string;
  /** Where a redirect out of the site leads. */
  leavesFor: string | null;
}

export function openScriptedBrowser(origin: string): ScriptedBrowser {
  const cookies = new Map<string, string>();

  async function request(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('accept', 'text/html');
    if (browser.language !== undefined) headers.set('accept-language', browser.language);
    if (cookies.size > 0)
      headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) keepCookie(cookies, line);
    return response;
  }

  async function open(url: string, init?: RequestInit): Promise<Page> {
    let next = new URL(url, origin);
    let response = await request(next.href, init);
    for (let hops = 0; hops < 15; hops += 1) {
      const location = response.headers.get('location');
      const html = await response.text();
      const page = {
        url: next.href,
        status: response.status,
        headers: response.headers,
        html,
        leavesFor: null,
      };
      if (!location) return page;
      const target = new URL(location, next);
      if (target.origin !== origin) return { ...page, leavesFor: target.href };
      next = target;
      response = await request(next.href);
    }
    throw new Error(`too many redirects at ${next.href}`);
  }

  const browser: ScriptedBrowser = {
    cookies,
    open,
    async submit(page, button, fields = {}) {
      const form = findForm(page.html, button);
      const body = new URLSearchParams(form.values);
      for (const [name, value] of Object.entries(fields)) {
        if (value === null) body.delete(name);
        else body.set(name, value);
      }
      if (form.buttonName) body.set(form.buttonName, form.buttonValue);
      return open(new URL(form.action || page.url, page.url).href, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
        body: body.toString(),
      });
    },
  };
  return browser;
}

export interface TokenAnswer {
  access_token: string;
  refresh_token: string;
  token_type: string;
  expires_in: number;
  scope: string;
}

export interface OAuthClient {
  clientId: string;
  clientSecret: string | undefined;
  redirectUri: string;
  /** The URL that a person opens, and what the client keeps for the exchange. */
  startAuthorization(parameters?: Record<string, string | null>): AuthorizationRequest;
  exchange(code: string, request: AuthorizationRequest, extra?: Record<string, string>): Promise<Response>;
  refresh(refreshToken: string, extra?: Record<string, string>): Promise<Response>;
  revoke(token: string, extra?: Record<string, string>): Promise<Response>;
}

export interface AuthorizationRequest {
  url: string;
  verifier: string;
  state: string;
}

/** Registers a client over HTTP as an editor does (RFC 7591). */
export async function registerClient(
  origin: string,
  metadata: Record<string, unknown> = {},
): Promise<OAuthClient> {
  const redirectUri = 'http://127.0.0.1:43210/callback';
  const response = await fetch(`${origin}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Scripted editor',
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: 'none',
      ...metadata,
    }),
  });
  if (response.status !== 201) throw new Error(`registration: ${response.status} ${await response.text()}`);
  const client = (await response.json()) as {
    client_id: string;
    client_secret?: string;
    redirect_uris: string[];
  };
  return createClient(origin, client.client_id, client.redirect_uris[0]!, client.client_secret);
}

export function createClient(
  origin: string,
  clientId: string,
  redirectUri: string,
  clientSecret?: string,
): OAuthClient {
  const authentication = { client_id: clientId, ...(clientSecret ? { client_secret: clientSecret } : {}) };
  const post = (path: string, body: Record<string, string>) =>
    fetch(`${origin}${path}`, { method: 'POST', body: new URLSearchParams(body) });
  return {
    clientId,
    clientSecret,
    redirectUri,
    startAuthorization(parameters = {}) {
      const verifier = randomBytes(32).toString('base64url');
      const state = randomBytes(8).toString('hex');
      const url = new URL('/authorize', origin);
      const query: Record<string, string | null> = {
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        state,
        resource: `${origin}/mcp`,
        ...parameters,
      };
      for (const [name, value] of Object.entries(query))
        if (value !== null) url.searchParams.set(name, value);
      return { url: url.href, verifier, state };
    },
    exchange: (code, { verifier }, extra = {}) =>
      post('/token', {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
        ...authentication,
        ...extra,
      }),
    refresh: (refreshToken, extra = {}) =>
      post('/token', {
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        ...authentication,
        ...extra,
      }),
    revoke: (token, extra = {}) => post('/revoke', { token, ...authentication, ...extra }),
  };
}

export interface ApprovalOptions {
  /** Only needed when the browser is not signed in yet. */
  email?: string;
  password?: string;
  /** A preset's id; the preselected one when left out. */
  preset?: string;
  teamId?: string;
  decision?: 'Allow' | 'Deny';
}

/** What the person does: signs in if asked, answers, and is sent back. @returns the redirect URI with the answer */
export async function approve(
  browser: ScriptedBrowser,
  authorizationUrl: string,
  options: ApprovalOptions = {},
): Promise<URL> {
  let page = await browser.open(authorizationUrl);
  if (new URL(page.url).pathname === '/sign-in') {
    const { email = '', password = '' } = options;
    page = await browser.submit(page, 'Sign in', { email, password });
  }
  // An error of a client that this person never allowed: they go back by hand.
  if (page.status === 400) return new URL(findWayBack(page));
  const fields: Record<string, string> = {};
  if (options.preset) fields['preset'] = options.preset;
  if (options.teamId) fields['team'] = options.teamId;
  const answer = page.leavesFor ? page : await browser.submit(page, options.decision ?? 'Allow', fields);
  return new URL(findWayBack(answer));
}

/** The link of the page that says 'Returning you to …' or names where an error would go, or the redirect itself. */
export function findWayBack(page: Page): string {
  if (page.leavesFor) return page.leavesFor;
  const refresh =
    /http-equiv="refresh" content="0;url=([^"]*)"/.exec(page.html)?.[1] ??
    /<a class="button plain" href="([^"/][^"]*)">Go to /.exec(page.html)?.[1];
  if (!refresh)
    throw new Error(`no way back to the client: ${page.status} ${page.url} ${page.html.slice(0, 2000)}`);
  return decodeHtml(refresh);
}

export interface ConnectedClient extends OAuthClient {
  tokens: TokenAnswer;
}

/** The whole way of journey 1: registers, has a person approve, exchanges the code. */
export async function connectClient(
  origin: string,
  browser: ScriptedBrowser,
  options: ApprovalOptions & {
    metadata?: Record<string, unknown>;
    parameters?: Record<string, string | null>;
  } = {},
): Promise<ConnectedClient> {
  const client = await registerClient(origin, options.metadata);
  const request = client.startAuthorization(options.parameters);
  const back = await approve(browser, request.url, options);
  const code = back.searchParams.get('code');
  if (!code) throw new Error(`no code: ${back.href}`);
  const response = await client.exchange(code, request);
  const tokens = (await response.json()) as TokenAnswer;
  if (response.status !== 200) throw new Error(`token: ${response.status} ${JSON.stringify(tokens)}`);
  return { ...client, tokens };
}

function keepCookie(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';');
  const at = pair.indexOf('=');
  const [name, value] = [pair.slice(0, at).trim(), pair.slice(at + 1)];
  const isGone =
    value === '' || attributes.some((one) => /^\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(one));
  if (isGone) cookies.delete(name);
  else cookies.set(name, value);
}

interface FoundForm {
  action: string;
  values: Record<string, string>;
  buttonName: string;
  buttonValue: string;
}

/** The form with this button, and what it would send untouched: hidden and typed fields, the checked radio, the select. */
function findForm(html: string, button: string): FoundForm {
  for (const [, attributes = '', body = ''] of html.matchAll(/<form([^>]*)>(.*?)<\/form>/gs)) {
    for (const [, buttonAttributes = '', text = ''] of body.matchAll(/<button([^>]*)>(.*?)<\/button>/gs)) {
      if (decodeHtml(text.replace(/<[^>]+>/g, '')).trim() !== button) continue;
      return {
        action: attributeOf(attributes, 'action') ?? '',
        values: readFields(body),
        buttonName: attributeOf(buttonAttributes, 'name') ?? '',
        buttonValue: attributeOf(buttonAttributes, 'value') ?? '',
      };
    }
  }
  throw new Error(`no form has the button '${button}': ${html.slice(0, 3000)}`);
}

function readFields(form: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [, attributes = ''] of form.matchAll(/<input([^>]*)>/g)) {
    const name = attributeOf(attributes, 'name');
    const isChoice = ['radio', 'checkbox'].includes(attributeOf(attributes, 'type') ?? '');
    if (!name || (isChoice && !/\schecked(\s|=|\/|$)/.test(attributes))) continue;
    values[name] = attributeOf(attributes, 'value') ?? '';
  }
  for (const [, attributes = '', options = ''] of form.matchAll(/<select([^>]*)>(.*?)<\/select>/gs)) {
    const all = [...options.matchAll(/<option([^>]*)>/g)].map(([, option = '']) => option);
    const chosen = all.find((option) => /\sselected(\s|=|\/|$)/.test(option)) ?? all[0] ?? '';
    values[attributeOf(attributes, 'name') ?? ''] = attributeOf(chosen, 'value') ?? '';
  }
  return values;
}

function attributeOf(attributes: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1];
  return value === undefined ? undefined : decodeHtml(value);
}

function decodeHtml(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
