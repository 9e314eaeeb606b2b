/** Every network that captions can be written for; those that can be published to have a connector in networks.ts. */
export const NETWORK_IDS = [
  'playground',
  'x',
  'linkedin',
  'bluesky',
  'mastodon',
  'threads',
  'instagram',
  'facebook',
] as const;

export type NetworkId = (typeof NETWORK_IDS)[number];

export type PictureType = 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif';

/** What a network takes for pictures. Lengths in pixels, aspects as width by height. */
export interface PictureLimits {
  maxCount: number;
  /** It takes no post without one. */
  isRequired: boolean;
  /** The first is the one that others are converted to. */
  mimeTypes: readonly PictureType[];
  maxBytes: number;
  maxWidth: number;
  maxHeight: number;
  minAspect?: number;
  maxAspect?: number;
  /** The network fetches them by itself, from an address of this server. */
  areFetched?: true;
  /** Characters of a description. */
  maxAltLength: number;
  source: RuleSource;
}

/** Where a limit stands, and when somebody looked. */
export interface RuleSource {
  url: string;
  /** YYYY-MM-DD. */
  checkedAt: string;
}

/** One thing that a network asks of a post, to be shown and to be checked. */
export interface Rule {
  /** One spelling for all networks: `text_length`, `link_count`. */
  id: string;
  /** error: the network takes no post that breaks it. warning: it does, and something is lost. */
  severity: 'error' | 'warning';
  /** The most that there may be, but for `text_empty` and `picture_missing`: the least. */
  limit: number;
  /** What is counted. */
  unit: string;
  /** For whoever writes, as a sentence. */
  says: string;
  source: RuleSource;
}

/** A rule about the text of one part: broken when more than `limit` is counted in it. */
export interface TextRule extends Rule {
  count(text: string): number;
  /** What to do, as a sentence; `part` is `the text` or `part 2`. */
  fix(found: { part: string; limit: number; actual: number }): string;
}

/** What a network takes: the same for previews, pages, scheduling and the send itself. */
export interface NetworkRules {
  id: NetworkId;
  /** As people write it. */
  name: string;
  /** The longest that a part may be, in `unit`. */
  maxLength: number;
  /** What is counted, for the person who reads the number. */
  unit: 'characters' | 'graphemes';
  /** UTF-8 bytes, where the network limits them too. */
  maxBytes?: number;
  /** Parts of one thread; 1: it takes none. */
  maxParts: number;
  /** The length of a text in `unit`, as the network counts. */
  countText(text: string): number;
  /** All that is asked of a part's text: its length is the first. */
  textRules: readonly TextRule[];
  /** What is asked of the thread and of pictures, made from the limits above and below. */
  otherRules: readonly Rule[];
  pictures: PictureLimits;
  source: RuleSource;
}
