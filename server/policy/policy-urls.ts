import type { Context } from '../context.ts';

/** The connection's page in the dashboard: what it may do, and what it may not. */
export function connectionUrl({ publicUrl }: Pick<Context, 'publicUrl'>, connectionId: string): string {
  return `${publicUrl}/connections/${connectionId}`;
}
