import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { DeliveryState } from '../deliveries/delivery-state.ts';
import { unavailable } from '../errors.ts';
import type { Page, PageInput } from '../paging.ts';

export type CampaignStatus = 'active' | 'paused' | 'archived';

export interface CampaignFilter extends PageInput {
  /** All but archived ones when absent. */
  status?: CampaignStatus | undefined;
  /** Part of the name, letter case ignored. */
  query?: string | undefined;
}

export interface CampaignSummary {
  id: string;
  name: string;
  status: CampaignStatus;
  /** Posts by state; states without posts are left out. */
  postCounts: Partial<Record<DeliveryState, number>>;
  /** When its next post goes out. */
  nextPostAt: Date | null;
  /** `nextPostAt` for people, in the team's zone. */
  nextLocalTime: string | null;
}

export interface CampaignPage extends Page<CampaignSummary> {
  /** The team's IANA zone. */
  timeZone: string;
}

/** Newest first. */
export async function listCampaigns(
  _context: Context,
  _caller: Caller,
  _filter: CampaignFilter,
): Promise<CampaignPage> {
  throw unavailable({ code: 'unavailable', message: 'The list of campaigns is not ready.' });
}
