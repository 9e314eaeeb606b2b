import { createHash } from 'node:crypto';

import sharp from 'sharp';

import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { makeRenditions } from '../../server/media/renditions.ts';
import type { PublishingTeam, TestDelivery } from './fixtures.ts';

/** Pictures for revision 1 of a scheduled post, as the library keeps them and as its channel gets them. */
export async function attachPictures(
  context: Context,
  team: PublishingTeam,
  { id, postId }: TestDelivery,
  altTexts: readonly (string | null)[],
): Promise<void> {
  const teamId = team.team.id;
  for (const [index, altText] of altTexts.entries()) {
    const background = { r: 40 * index, g: 90, b: 160 };
    const made = sharp({ create: { width: 640, height: 480, channels: 3, background } }).jpeg();
    const bytes = new Uint8Array(await made.toBuffer());
    const contentHash = new Uint8Array(createHash('sha256').update(bytes).digest());
    const storageKey = `${teamId}/${Buffer.from(contentHash).toString('hex')}`;
    await context.mediaStore.put(storageKey, bytes, 'image/jpeg');
    const mediaId = newId('media');
    await context.db.media.create({
      data: {
        ...{ id: mediaId, teamId, state: 'ready', source: 'upload', createdByPersonId: team.person.id },
        ...{ mimeType: 'image/jpeg', width: 640, height: 480, byteCount: bytes.byteLength },
        ...{ storageKey, contentHash, originHash: contentHash },
      },
    });
    await context.db.revisionMedia.create({
      data: { teamId, postId, rev: 1, position: index + 1, mediaId, altText },
    });
  }
  const { channelId } = await context.db.delivery.findUniqueOrThrow({ where: { id } });
  await makeRenditions(context, { teamId, postId, rev: 1, channelIds: [channelId] });
}
