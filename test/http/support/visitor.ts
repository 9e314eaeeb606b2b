export interface Page {
  status: number;
  headers: Headers;
  text: string;
  location: string | null;
}

/** A browser without JavaScript: keeps cookies, follows nothing by itself, fills in the hidden fields of forms. */
export interface Visitor {
  cookies: Map<string, string>;
  get(path: string, headers?: Record<string, string>): Promise<Page>;
  /** Opens `from`, takes the token of its forms and posts. */
  submit(from: string, action: string, fields?: Record<string, string>): Promise<Page>;
  /** Posts just these fields. */
  post(
    action: string,
    fields: Record<string, string> | [string, string][],
    headers?: Record<string, string>,
  ): Promise<Page>;
  signIn(credentials: { email: string; password: string }): Promise<Page>;
}

export function createVisitor(baseUrl: string): Visitor {
  const cookies = new Map<string, string>();

  async function request(path: string, init: RequestInit): Promise<Page> {
    const headers = new Headers(init.headers);
    if (!headers.has('accept')) headers.set('accept', 'text/html');
    headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(new URL(path, baseUrl), { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) keepCookie(cookies, line);
    return {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      location: response.headers.get('location'),
    };
  }

  const visitor: Visitor = {
    cookies,
    get: (path, headers = {}) => request(path, { headers }),
    post: (action, fields, headers = {}) =>
      request(action, { method: 'POST', body: new URLSearchParams(fields), headers }),
    async submit(from, action, fields = {}) {
      const page = await visitor.get(from);
      return visitor.post(
        action,
        { csrf: csrfOf(page.text), ...fields },
        { origin: new URL(baseUrl).origin },
      );
    },
    signIn: (credentials) => visitor.submit('/sign-in', '/sign-in', credentials),
  };
  return visitor;
}

/** The token of the first form. */
export function csrfOf(markup: string): string {
  return /name="csrf" value="([^"]+)"/.exec(markup)?.[1] ?? '';
}

/** The value of a hidden or filled-in field. */
export function valueOf(markup: string, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(markup)?.[1] ?? '';
}

function keepCookie(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split('; ');
  const [name = '', value = ''] = pair.split('=');
  if (attributes.includes('Max-Age=0')) cookies.delete(name);
  else cookies.set(name, value);
}
