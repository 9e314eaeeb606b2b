import type { Context } from '../context.ts';

/** Where a person sets the times at which a channel's posts go out. */
export function slotsUrl({ publicUrl }: Pick<Context, 'publicUrl'>, channelId: string): string {
  return `${publicUrl}/channels/${channelId}/slots`;
}
