import type { Context as KoaContext, Middleware } from 'koa';

import type { Context } from '../context.ts';
import { SCOPES } from '../scopes.ts';

import type { ClientDocuments } from './client-documents.ts';
import { CLIENT_AUTH_METHODS, DOCUMENT_AUTH_METHOD } from './client-metadata.ts';
import { mcpResourceOf } from './resource.ts';

/** Where clients look for RFC 8414 and OpenID metadata when they know only the MCP endpoint. */
const SERVER_METADATA =
  /^(?:\/\.well-known\/(oauth-authorization-server|openid-configuration)(?:\/mcp\/?)?|\/mcp\/\.well-known\/(oauth-authorization-server|openid-configuration))$/;
const RESOURCE_METADATA =
  /^(?:\/\.well-known\/oauth-protected-resource(\/mcp\/?)?|\/mcp\/\.well-known\/oauth-protected-resource)$/;

/** Metadata of the MCP resource (RFC 9728) and of the authorization server (RFC 8414, OpenID Discovery) at every path that clients probe. */
export function createDiscovery(context: Context, documents: ClientDocuments): Middleware {
  return async function discover(ctx, next) {
    const resource = RESOURCE_METADATA.exec(ctx.path);
    if (resource && (ctx.method === 'GET' || ctx.method === 'HEAD')) {
      // VS Code compares this with the URL that a person typed, to the letter.
      const hasSlash = resource[1]?.endsWith('/') ?? false;
      ctx.body = describeResource(context, `${mcpResourceOf(context)}${hasSlash ? '/' : ''}`);
      noteReading(context, ctx);
      return;
    }
    const server = SERVER_METADATA.exec(ctx.path);
    if (!server) return next();
    ctx.path = `/.well-known/${server[1] ?? server[2]}`;
    await next();
    if (ctx.status !== 200) return;
    ctx.body = describeServer(context, ctx.body as Record<string, unknown>, documents.isOffered());
    noteReading(context, ctx);
  };
}

function noteReading(context: Context, ctx: KoaContext): void {
  context.clientEvents.record({ kind: 'metadata_read', address: ctx.ip, userAgent: ctx.get('user-agent') });
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
 * The library's own document, with three corrections: the scopes of the MCP resource, which it cannot know of; endpoints
 * under the public URL, whatever the last proxy called us; and client documents only while they can be read.
 */
function describeServer(
  context: Context,
  metadata: Record<string, unknown>,
  areDocumentsOffered: boolean,
): Record<string, unknown> {
  const corrected = Object.entries(metadata).map(([name, value]) => {
    const isEndpoint = typeof value === 'string' && (name.endsWith('_endpoint') || name === 'jwks_uri');
    return [name, isEndpoint ? new URL(new URL(value).pathname, context.publicUrl).href : value];
  });
  const {
    client_id_metadata_document_supported: _supported,
    token_endpoint_auth_signing_alg_values_supported: signingAlgorithms,
    ...described
  } = Object.fromEntries(corrected) as Record<string, unknown>;
  return {
    ...described,
    ...(areDocumentsOffered
      ? {
          client_id_metadata_document_supported: true,
          token_endpoint_auth_methods_supported: [...CLIENT_AUTH_METHODS, DOCUMENT_AUTH_METHOD],
          token_endpoint_auth_signing_alg_values_supported: signingAlgorithms,
        }
      : { token_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS }),
    scopes_supported: [...SCOPES, 'offline_access'],
    response_modes_supported: ['query', 'fragment'],
  };
}
