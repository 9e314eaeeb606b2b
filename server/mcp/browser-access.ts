import {
  localhostAllowedHostnames,
  validateHostHeader,
  validateOriginHeader,
} from '@modelcontextprotocol/server';
import type Koa from 'koa';

import type { Context } from '../context.ts';

const METHODS = 'POST, GET, DELETE, OPTIONS';
const REQUEST_HEADERS =
  /^(?:authorization|content-type|accept|mcp-protocol-version|mcp-method|mcp-name|mcp-session-id|last-event-id|mcp-param-[\w-]+)$/i;
const EXPOSED_HEADERS = 'WWW-Authenticate, Mcp-Session-Id';

/** Who may speak to the endpoint from a browser, and under which names it answers (against DNS rebinding). */
export interface BrowserAccess {
  /** False: the request came under a foreign name or from a foreign page, and is to be refused with 403. */
  isAllowed(ctx: Koa.Context): boolean;
  /** CORS for the pages that are allowed. */
  setHeaders(ctx: Koa.Context): void;
}

export function createBrowserAccess(context: Context): BrowserAccess {
  const hostnames = [new URL(context.publicUrl).hostname, ...localhostAllowedHostnames()];
  const originHostnames = [...hostnames, ...context.config.allowedOriginHosts];
  return {
    isAllowed(ctx) {
      const hasOurName = validateHostHeader(ctx.host, hostnames).ok;
      return hasOurName && validateOriginHeader(ctx.get('origin') || undefined, originHostnames).ok;
    },
    setHeaders(ctx) {
      const origin = ctx.get('origin');
      if (!origin) return;
      ctx.vary('Origin');
      ctx.set('Access-Control-Allow-Origin', origin);
      ctx.set('Access-Control-Expose-Headers', EXPOSED_HEADERS);
      if (ctx.method !== 'OPTIONS') return;
      const asked = ctx.get('access-control-request-headers').split(',');
      const allowed = asked.map((name) => name.trim()).filter((name) => REQUEST_HEADERS.test(name));
      ctx.set('Access-Control-Allow-Methods', METHODS);
      ctx.set('Access-Control-Allow-Headers', allowed.join(', '));
      ctx.set('Access-Control-Max-Age', '600');
    },
  };
}
