import { z } from 'zod';

import { CAMPAIGN_STATUSES } from '../campaigns/list-campaigns.ts';
import { DELIVERY_STATES } from '../deliveries/delivery-state.ts';
import { idPattern, type IdKind } from '../ids.ts';
import { MAX_PAGE_SIZE } from '../paging.ts';
import { MAX_CAPTIONS_LENGTH } from '../posts/post-captions.ts';

// Input fields and output pieces that several tools share. Made once: converting a schema costs more than a call.

const id = (kind: IdKind, description: string) =>
  z
    .string()
    .regex(idPattern(kind), `it takes an id of a ${kind}, as the tools give it, and no name`)
    .describe(description);

export const campaignId = id('campaign', 'From list_campaigns');
export const postId = id('post', 'From list_posts');
export const channelId = id('channel', 'From list_channels');
export const mediaId = id('media', 'From list_media');
export const channelIds = z.array(channelId).min(1).max(20);
export const mediaIds = z.array(mediaId).max(20);

/** PostgreSQL stores no NUL, and a lone surrogate is no text. */
export const text = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .refine(
      (value) => !value.includes('\u0000') && value.isWellFormed(),
      'must be text without NUL characters',
    );

export const captionText = text(20_000);

export const captionOverrides = z
  .array(
    z
      .strictObject({
        channel_id: channelId,
        text: captionText.optional(),
        parts: z.array(captionText).min(1).max(50).optional(),
      })
      .refine(
        (override) => (override.text === undefined) !== (override.parts === undefined),
        'give text or parts',
      ),
  )
  .max(20)
  .refine(
    (overrides) => sizeOf(overrides) <= MAX_CAPTIONS_LENGTH,
    `may have ${MAX_CAPTIONS_LENGTH} characters together`,
  );

function sizeOf(overrides: readonly { text?: string | undefined; parts?: string[] | undefined }[]): number {
  const texts = overrides.flatMap(({ text: whole = '', parts = [] }) => [whole, ...parts]);
  return texts.reduce((sum, { length }) => sum + length, 0);
}

export const line = (maxLength: number) => text(maxLength).trim().min(1);

export const clientRef = line(100).describe('Your own key: the same again returns the same object');
export const MAX_REV = 1_000_000;
export const expectedRev = z.int().min(1).max(MAX_REV).describe('The rev you have read');
export const limit = z.int().min(1).max(MAX_PAGE_SIZE).describe('Default 20');
export const cursor = z.string().min(1).max(300).describe('next_cursor of the page before');
export const moment = z.string().min(1).max(40).describe('RFC 3339 or a date');
export const timeZone = z.string().min(1).max(60).describe('IANA name; default: the zone of the team');

export const state = z.enum(DELIVERY_STATES);
export const campaignStatus = z.enum(CAMPAIGN_STATUSES);
export const nextCursor = z.string().nullable();

export const altText = text(2000);
export const tags = z.array(line(40)).max(20);
export const mediaState = z.enum(['awaiting_upload', 'ready', 'failed', 'deleted']);
export const focalPoint = z.strictObject({ x: z.number().min(0).max(1), y: z.number().min(0).max(1) });
/** By network. */
export const fit = z.record(z.string(), z.enum(['ok', 'will_convert', 'no']));

/** What is not told is null, or was not asked for. */
export const mediaItem = z.strictObject({
  id: mediaId,
  type: z.string().optional(),
  w: z.int().optional(),
  h: z.int().optional(),
  bytes: z.int().optional(),
  alt: z.string().optional(),
  state: mediaState.optional(),
  fit: fit.optional(),
  filename: z.string().optional(),
  focal_point: focalPoint.optional(),
  tags: z.array(z.string()).optional(),
  problem: z.string().optional(),
});

/** An instant in answers: RFC 3339 in UTC, whole seconds. */
export function toRfc3339(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

export const problem = z.strictObject({
  rule_id: z.string(),
  limit: z.number(),
  actual: z.number(),
  fix: z.string(),
  /** It can go out all the same. */
  warning: z.literal(true).optional(),
});

/** What one channel would get, checked by the network's own rules; ok: it can go out. */
export const checkedCaption = z.strictObject({
  channel_id: channelId,
  ok: z.boolean(),
  count: z.int(),
  limit: z.int(),
  problems: z.array(problem),
});
