import type { Database } from '../database/client.ts';
import { findRules } from '../networks/find-rules.ts';
import type { NetworkRules } from '../networks/network-rules.ts';
import { breaksRule, mediaDeleted } from './breaks-rule.ts';
import { planRendition, type FocalPoint, type PictureFacts, type RenditionPlan } from './plan-rendition.ts';
import type { RevisionOfChannels } from './renditions.ts';

/** A picture of a revision, as its file lies in the library. */
export interface RevisionPicture extends PictureFacts, FocalPoint {
  mediaId: string;
  /** From 1. */
  position: number;
  state: string;
  storageKey: string;
  contentHash: Uint8Array<ArrayBuffer>;
}

export interface MissingRendition {
  channelId: string;
  /** That the picture goes to: a practice channel keeps the rules of another one. */
  network: string;
  rules: NetworkRules;
  picture: RevisionPicture;
  plan: RenditionPlan;
}

/**
 * What has still to be made, channel by channel and picture by picture.
 * @throws AppError InvalidInput (`picture_breaks_rule`), Conflict (`media_deleted`)
 */
export async function findMissingRenditions(
  db: Database,
  { teamId, postId, rev, channelIds }: RevisionOfChannels,
): Promise<MissingRendition[]> {
  const pictures = await db.$queryRaw<RevisionPicture[]>`
    select u.position, u.focal_x as "focalX", u.focal_y as "focalY", m.id as "mediaId", m.state,
      m.storage_key as "storageKey", m.content_hash as "contentHash", m.mime_type as "mimeType", m.width, m.height,
      m.byte_count as "byteCount"
    from revision_media u join media m on m.id = u.media_id
    where u.team_id = ${teamId} and u.post_id = ${postId} and u.rev = ${rev}
    order by u.position`;
  if (pictures.length === 0) return [];
  const channels = await db.channel.findMany({
    where: { teamId, id: { in: [...channelIds] } },
    orderBy: { id: 'asc' },
    select: { id: true, network: true, imitates: true, ownLimits: true },
  });
  const existing = await db.rendition.findMany({
    where: { teamId, postId, rev },
    select: { channelId: true, position: true },
  });
  const isThere = new Set(existing.map(({ channelId, position }) => `${channelId} ${position}`));
  return channels.flatMap((channel) => {
    const rules = findRules(channel);
    if (!rules) throw new Error(`channel ${channel.id} is of a network without rules`);
    return pictures
      .filter(({ position }) => !isThere.has(`${channel.id} ${position}`))
      .map((picture) => toMissing(picture, channel, rules));
  });
}

function toMissing(
  picture: RevisionPicture,
  { id: channelId, network }: { id: string; network: string },
  rules: NetworkRules,
): MissingRendition {
  if (picture.state !== 'ready') throw mediaDeleted(picture);
  const place = { channelId, network, rules, picture };
  if (picture.position > rules.pictures.maxCount) throw breaksRule(place, 'picture_count');
  const plan = planRendition(picture, rules, picture);
  if (!plan) throw breaksRule(place, 'picture_aspect');
  return { ...place, plan };
}
