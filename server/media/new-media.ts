import { connectionIdOf, type Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { cleanFilename } from './clean-filename.ts';

/** What is said about a picture when it comes. */
export interface MediaInput {
  /** To show; only its last segment is kept. */
  filename?: string | undefined;
  altText?: string | undefined;
  tags?: readonly string[] | undefined;
  campaignId?: string | undefined;
}

/** @throws AppError NotFound for a campaign of another team */
export async function assertCampaignIsOurs(
  context: Context,
  caller: Caller,
  input: MediaInput,
): Promise<void> {
  if (input.campaignId === undefined) return;
  const where = { teamId_id: { teamId: caller.teamId, id: input.campaignId } };
  if (await context.db.campaign.findUnique({ where, select: { id: true } })) return;
  throw notFound({
    code: 'not_found',
    field: 'campaign_id',
    message: `There is no campaign ${input.campaignId} in this team.`,
  });
}

/** The row of a picture that is still to come. */
export function newMediaRow(caller: Caller, source: 'url' | 'upload' | 'card', input: MediaInput) {
  return {
    id: newId('media'),
    teamId: caller.teamId,
    campaignId: input.campaignId ?? null,
    state: 'awaiting_upload',
    source,
    filename: input.filename === undefined ? null : cleanFilename(input.filename),
    altText: input.altText?.trim() || null,
    tags: cleanTags(input.tags ?? []),
    createdByPersonId: caller.personId,
    createdByConnectionId: connectionIdOf(caller),
  };
}

/** Each once, in order. */
export function cleanTags(tags: readonly string[]): string[] {
  return [...new Set(tags.map((tag) => tag.trim()).filter(Boolean))];
}
