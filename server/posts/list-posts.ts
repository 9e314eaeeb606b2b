import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { DeliveryState } from '../deliveries/delivery-state.ts';
import { unavailable } from '../errors.ts';
import type { Page, PageInput } from '../paging.ts';

export interface PostFilter extends PageInput {
  states?: DeliveryState[] | undefined;
  campaignId?: string | undefined;
  channelId?: string | undefined;
  /** RFC 3339. With `from` or `to` the list is a calendar: by due or publishing time, earliest first. */
  from?: string | undefined;
  to?: string | undefined;
}

export interface PostSummary {
  id: string;
  campaignId: string;
  rev: number;
  state: DeliveryState;
  /** When it goes out or went out first; null for a draft. */
  when: Date | null;
  /** `when` for people, in the team's zone; null for a draft. */
  localTime: string | null;
  /** Network and handle of each channel. */
  channels: {
    channelId: string;
    network: string;
    handle: string;
    state: DeliveryState;
    url: string | null;
  }[];
  /** The beginning of the text, one line. */
  excerpt: string;
}

export interface PostPage extends Page<PostSummary> {
  /** The team's IANA zone. */
  timeZone: string;
}

/** Newest first, or the calendar; see `PostFilter`. */
export async function listPosts(_context: Context, _caller: Caller, _filter: PostFilter): Promise<PostPage> {
  throw unavailable({ code: 'unavailable', message: 'The list of posts is not ready.' });
}
