// What a server allows: https://docs.joinmastodon.org/entities/Instance/ and, before 4.0 and on others that speak the protocol,
// https://docs.joinmastodon.org/entities/V1_Instance/ (checked 2026-11-21).
import { z } from 'zod';

import { callMastodon, type MastodonSession } from './mastodon-api.ts';
import { isUnknownPath } from './mastodon-errors.ts';

const limit = z.int().min(1).optional().catch(undefined);

const instanceSchema = z.object({
  configuration: z
    .object({
      statuses: z
        .object({
          max_characters: limit,
          characters_reserved_per_url: limit,
          max_media_attachments: limit,
        })
        .default({})
        .catch({}),
      media_attachments: z
        .object({
          description_limit: limit,
          image_size_limit: limit,
          image_matrix_limit: limit,
        })
        .default({})
        .catch({}),
    })
    .catch({ statuses: {}, media_attachments: {} }),
  /** Of servers that had longer posts before there was a place to say so. */
  max_toot_chars: limit,
});

/**
 * The limits that the server tells, by its own names, as the rules read them (`rules/mastodon.ts`); what it leaves out, or does
 * not say as a number, is not there.
 * @throws NetworkError
 */
export async function readMastodonLimits(session: MastodonSession): Promise<Record<string, number>> {
  const { configuration, max_toot_chars } = await readInstance(session);
  const told = {
    max_characters: max_toot_chars,
    ...configuration.statuses,
    ...configuration.media_attachments,
  };
  return Object.fromEntries(
    Object.entries(told).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}

async function readInstance(session: MastodonSession): Promise<z.infer<typeof instanceSchema>> {
  try {
    return await callMastodon(session, { method: 'GET', path: '/api/v2/instance' }, instanceSchema);
  } catch (error) {
    if (!isUnknownPath(error)) throw error;
    return callMastodon(session, { method: 'GET', path: '/api/v1/instance' }, instanceSchema);
  }
}
