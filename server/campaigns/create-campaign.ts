import { recordActivity } from '../activity/record-activity.ts';
import { assertMayWrite, connectionIdOf, type Caller } from '../caller.ts';
import { findChannels } from '../channels/find-channels.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict } from '../errors.ts';
import { newId } from '../ids.ts';
import { assertDates, toDate } from './campaign-dates.ts';
import { campaignUrl } from './campaign-url.ts';

export interface CampaignInput {
  name: string;
  goal: string;
  audience?: string | undefined;
  keyMessages?: string[] | undefined;
  channelIds?: string[] | undefined;
  /** Calendar dates: 2026-12-01. */
  startsOn?: string | undefined;
  endsOn?: string | undefined;
  /** The same ref under the same connection returns the same campaign. */
  clientRef?: string | undefined;
}

export interface CampaignCreated {
  campaignId: string;
  rev: number;
  url: string;
}

/**
 * @throws AppError NotFound for a channel of another team; InvalidInput (`invalid_time`, `dates_reversed`);
 *   Conflict (`client_ref_reused`) when the ref made a campaign with another brief, once that was changed with another
 *   name; NotAllowed for a viewer
 */
export async function createCampaign(
  context: Context,
  caller: Caller,
  input: CampaignInput,
): Promise<CampaignCreated> {
  assertMayWrite(caller);
  assertDates({ startsOn: toDate(input.startsOn), endsOn: toDate(input.endsOn) });
  const { id, rev } = await context.db.$transaction(async (tx) => {
    const channelIds = [...new Set(input.channelIds ?? [])];
    await findChannels(tx, caller, channelIds);
    const row = toRow(caller, input);
    const { count } = await tx.campaign.createMany({ data: [row], skipDuplicates: true });
    if (count === 0) return findByClientRef(tx, row, channelIds);
    await tx.campaignChannel.createMany({
      data: channelIds.map((channelId) => ({ teamId: caller.teamId, campaignId: row.id, channelId })),
    });
    // A tool's call is put on record by its guard.
    if (caller.kind === 'person') {
      await recordActivity({ db: tx }, { caller, action: 'campaign.created', target: row.id, result: 'ok' });
    }
    return { id: row.id, rev: row.rev };
  });
  return { campaignId: id, rev, url: campaignUrl(context, id) };
}

function toRow(caller: Caller, input: CampaignInput) {
  return {
    id: newId('campaign'),
    teamId: caller.teamId,
    rev: 1,
    name: input.name,
    goal: input.goal,
    audience: input.audience ?? null,
    keyMessages: input.keyMessages ?? [],
    startsOn: toDate(input.startsOn) ?? null,
    endsOn: toDate(input.endsOn) ?? null,
    createdByPersonId: caller.personId,
    createdByConnectionId: connectionIdOf(caller),
    clientRef: input.clientRef ?? null,
  };
}

/**
 * A campaign that was changed since may differ from what the ref was first sent with, which nothing keeps. By its name it is
 * the same one: one that was renamed is refused rather than taken for every brief.
 */
async function findByClientRef(tx: Transaction, row: ReturnType<typeof toRow>, channelIds: string[]) {
  const existing = await tx.campaign.findFirstOrThrow({
    where: { createdByConnectionId: row.createdByConnectionId, clientRef: row.clientRef },
    include: { channels: { select: { channelId: true } } },
  });
  const briefOf = (campaign: Omit<ReturnType<typeof toRow>, 'id' | 'rev'>, channels: string[]) =>
    JSON.stringify([
      campaign.name,
      campaign.goal,
      campaign.audience,
      campaign.keyMessages,
      campaign.startsOn,
      campaign.endsOn,
      channels.toSorted(),
    ]);
  const existingChannels = existing.channels.map(({ channelId }) => channelId);
  const isSame =
    existing.rev === 1
      ? briefOf(existing, existingChannels) === briefOf(row, channelIds)
      : existing.name === row.name;
  if (!isSame) {
    throw conflict({
      code: 'client_ref_reused',
      field: 'client_ref',
      message: `This client_ref made campaign ${existing.id}, which has another brief. Use a new client_ref for a new campaign.`,
      nextStep: 'Call get_campaign with the id of that campaign if it is the one that you mean.',
    });
  }
  return existing;
}
