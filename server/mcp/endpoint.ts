import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, isJsonContentType, type McpServer } from '@modelcontextprotocol/server';
import type Koa from 'koa';

import type { ConnectionCaller } from '../caller.ts';
import type { ClientEventKind } from '../clients/client-events.ts';
import type { Context } from '../context.ts';
import { roleAllows, type Scope } from '../scopes.ts';
import { createBrowserAccess } from './browser-access.ts';
import { createCallRate } from './call-rate.ts';
import { challengeForScopes, type Challenge } from './challenge.ts';
import type { Tool } from './define-tool.ts';
import { alignHeadersWithBody } from './header-shim.ts';
import { identifyCaller } from './identify-caller.ts';
import { readJsonBody } from './read-body.ts';
import { createToolServer, type ToolServerInput } from './tool-server.ts';

/**
 * The MCP endpoint `/mcp`: stateless, for clients of 2025 and of 2026-07-28. A session id, known or not, changes nothing.
 * 401 and 403 are about tokens and scopes only; whatever else goes wrong is told inside a tool's result.
 *
 * @param openServer what answers behind the checks; the conformance suite puts its own fixtures there
 */
export function createMcpEndpoint(
  context: Context,
  tools: readonly Tool[],
  openServer: (input: ToolServerInput) => McpServer | Promise<McpServer> = createToolServer,
): Koa.Middleware {
  const catalog = new Map(tools.map((tool) => [tool.name, tool]));
  const callRate = createCallRate(context.config.toolCallsPerMinute);
  const browserAccess = createBrowserAccess(context);
  const onerror = (error: Error) => context.log.warn({ err: error }, 'the MCP handler refused a request');
  const handler = createMcpHandler(
    ({ era, authInfo }) => {
      const caller = authInfo!.extra!['caller'] as ConnectionCaller;
      return openServer({ context, callRate, tools: catalog, caller, era });
    },
    { legacy: 'stateless', onerror },
  );
  const serve = toNodeHandler(handler, { onerror });

  return async (ctx, next) => {
    if (ctx.path !== '/mcp' && ctx.path !== '/mcp/') return next();
    ctx.set('Cache-Control', 'no-store');
    if (!browserAccess.isAllowed(ctx)) return refuse(ctx, 403, 'This host or origin is not served here');
    browserAccess.setHeaders(ctx);
    if (ctx.method === 'OPTIONS') {
      ctx.status = 204;
      return;
    }
    const identified = await identifyCaller(context, ctx);
    if ('challenge' in identified) return challenge(ctx, identified.challenge);
    const { caller } = identified;
    if (ctx.method !== 'POST') {
      ctx.set('Allow', 'POST, OPTIONS');
      return refuse(ctx, 405, 'Method not allowed');
    }
    const body = await readMessages(ctx);
    if (!body) return;
    const needed = scopesMissing(caller, catalog, body.messages);
    if (needed.size > 0) {
      noteClient(context, ctx, caller, 'scope_challenged', [...needed].join(' '));
      const place = { publicUrl: context.publicUrl, path: ctx.path };
      return challenge(ctx, challengeForScopes(place, caller.scopes, needed));
    }
    if (context.config.hasMcpHeaderShim && alignHeadersWithBody(ctx.req.headers, body.value)) {
      noteClient(context, ctx, caller, 'header_shim_used');
      context.log.info(
        { clientId: caller.clientId },
        'the headers of an MCP request were made to say what its body says',
      );
    }
    ctx.set('X-Accel-Buffering', 'no');
    ctx.respond = false;
    const extra = { caller: { ...caller, address: ctx.ip } };
    const authInfo = { token: '', clientId: caller.clientId, scopes: [...caller.scopes], extra };
    // The adapter's types and exactOptionalPropertyTypes disagree about absent headers.
    const request = Object.assign(ctx.req, { auth: authInfo }) as unknown as Parameters<typeof serve>[0];
    await serve(request, ctx.res, body.value);
  };
}

interface Message {
  method?: unknown;
  params?: { name?: unknown } | null;
}

/** The body and the messages in it (the 2025 line knows batches), or null after the refusal is written. */
async function readMessages(ctx: Koa.Context): Promise<{ value: unknown; messages: Message[] } | null> {
  if (!isJsonContentType(ctx.get('content-type'))) {
    refuse(ctx, 415, 'Content-Type must be application/json');
    return null;
  }
  const body = await readJsonBody(ctx.req);
  if (body.kind === 'json') {
    const messages = (Array.isArray(body.value) ? body.value : [body.value]) as unknown[];
    return { value: body.value, messages: messages.filter(isMessage) };
  }
  if (body.kind === 'not_json') {
    refuse(ctx, 400, 'Parse error: the body is not JSON', -32_700);
    return null;
  }
  ctx.set('Connection', 'close');
  refuse(ctx, 413, 'The body is too large');
  return null;
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null;
}

/** Scopes that tools of the catalogue need for these messages, the connection was not granted, and a new sign-in could give. */
function scopesMissing(
  caller: ConnectionCaller,
  catalog: ReadonlyMap<string, Tool>,
  messages: readonly Message[],
): Set<Scope> {
  const called = messages.filter(({ method }) => method === 'tools/call').map(({ params }) => params?.name);
  const scopes = called.map((name) => (typeof name === 'string' ? catalog.get(name)?.scope : undefined));
  return new Set(
    scopes
      .filter((scope) => scope !== undefined)
      .filter((scope) => !caller.scopes.has(scope) && roleAllows(caller.role, scope)),
  );
}

function noteClient(
  context: Context,
  ctx: Koa.Context,
  { clientId, connectionId, personId }: ConnectionCaller,
  kind: ClientEventKind,
  reason?: string,
): void {
  const came = { address: ctx.ip, userAgent: ctx.get('user-agent') };
  context.clientEvents.record({ kind, clientId, connectionId, personId, ...came, reason });
}

function challenge(ctx: Koa.Context, { status, header, body }: Challenge): void {
  ctx.status = status;
  ctx.set('WWW-Authenticate', header);
  ctx.body = body;
}

/** A refusal before any message is served, in JSON-RPC's words. */
function refuse(ctx: Koa.Context, status: number, message: string, code = -32_000): void {
  ctx.status = status;
  ctx.body = { jsonrpc: '2.0', error: { code, message }, id: null };
}
