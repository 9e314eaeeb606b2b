import type { Context } from '../context.ts';

export function campaignUrl({ publicUrl }: Pick<Context, 'publicUrl'>, campaignId: string): string {
  return `${publicUrl}/campaigns/${campaignId}`;
}
