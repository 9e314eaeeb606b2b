import type { Middleware } from 'koa';

import type { Context } from '../context.ts';
import { SCOPES } from '../scopes.ts';

import { mcpResourceOf } from './resource.ts';

/** Where clients look for RFC 8414 and OpenID metadata when they know only the MCP endpoint. */
const SERVER_METADATA =
  /^(?:\/\.well-known\/(oauth-authorization-server|openid-configuration)(?:\/mcp\/?)?|\/mcp\/\.well-known\/(oauth-authorization-server|openid-configuration))$/;
const RESOURCE_METADATA =
  /^(?:\/\.well-known\/oauth-protected-resource(\/mcp\/?)?|\/mcp\/\.well-known\/oauth-protected-resource)$/;

/** Metadata of the MCP resource (RFC 9728) and of the authorization server (RFC 8414, OpenID Discovery) at every path that clients probe. */
export function createDiscovery(context: Context): Middleware {
  return async function discover(ctx, next) {
    const resource = RESOURCE_METADATA.exec(ctx.path);
    if (resource && (ctx.method === 'GET' || ctx.method === 'HEAD')) {
      // VS Code compares this with the URL that a person typed, to the letter.
      const hasSlash = resource[1]?.endsWith('/') ?? false;
      ctx.body = describeResource(context, `${mcpResourceOf(context)}${hasSlash ? '/' : ''}`);
      return;
    }
    const server = SERVER_METADATA.exec(ctx.path);
    if (!server) return next();
    ctx.path = `/.well-known/${server[1] ?? server[2]}`;
    await next();
    if (ctx.status === 200) ctx.body = describeServer(context, ctx.body as Record<string, unknown>);
  };
}

function describeResource(context: Context, resource: string) {
  return {
    resource,
    authorization_servers: [context.publicUrl],
    scopes_supported: SCOPES,
    bearer_methods_supported: ['header'],
    resource_name: 'Grantcast',
  };
}

/**
 * The library's own document, with two corrections: the scopes of the MCP resource, which it cannot know of, and
 * endpoints under the public URL, whatever the last proxy called us.
 */
function describeServer(context: Context, metadata: Record<string, unknown>): Record<string, unknown> {
  const corrected = Object.entries(metadata).map(([name, value]) => {
    const isEndpoint = typeof value === 'string' && (name.endsWith('_endpoint') || name === 'jwks_uri');
    return [name, isEndpoint ? new URL(new URL(value).pathname, context.publicUrl).href : value];
  });
  return {
    ...Object.fromEntries(corrected),
    scopes_supported: [...SCOPES, 'offline_access'],
    response_modes_supported: ['query', 'fragment'],
  };
}
