import { recordActivity } from '../activity/record-activity.ts';
import { assertMayWrite, type Caller } from '../caller.ts';
import { findChannels } from '../channels/find-channels.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { holdCampaign, type RowsInUse } from '../deliveries/hold-campaign.ts';
import { notifyDue } from '../deliveries/notify-due.ts';
import { releaseCampaign } from '../deliveries/release-campaign.ts';
import { conflict } from '../errors.ts';
import { campaignUrl } from './campaign-url.ts';
import { assertDates, toDate } from './campaign-dates.ts';
import { countHeldPosts } from './count-held-posts.ts';
import { campaignNotFound } from './find-campaign.ts';
import type { CampaignStatus } from './list-campaigns.ts';

/** What is absent stays; null empties. */
export interface CampaignChanges {
  name?: string | undefined;
  goal?: string | undefined;
  audience?: string | null | undefined;
  keyMessages?: string[] | undefined;
  channelIds?: string[] | undefined;
  /** Calendar dates: 2026-12-01. */
  startsOn?: string | null | undefined;
  endsOn?: string | null | undefined;
  status?: CampaignStatus | undefined;
}

export interface UpdateCampaignInput {
  campaignId: string;
  /** The revision that the caller has seen; not looked at when absent. */
  expectedRev?: number | undefined;
  changes: CampaignChanges;
}

export interface CampaignUpdated {
  campaignId: string;
  rev: number;
  /** Posts that are held because the campaign is paused or archived. */
  heldPosts: number;
  url: string;
}

/**
 * Changes the brief, the channels, the dates or the status. `paused` and `archived` hold what waits, `active` returns it.
 * Changes that are there already change nothing, whatever revision is expected.
 * @throws AppError NotFound; NotAllowed for a viewer; InvalidInput (`invalid_time`, `dates_reversed`); Conflict (`stale_revision`)
 */
export async function updateCampaign(
  context: Context,
  caller: Caller,
  { campaignId, expectedRev, changes }: UpdateCampaignInput,
): Promise<CampaignUpdated> {
  assertMayWrite(caller);
  const { teamId } = caller;
  const url = campaignUrl(context, campaignId);
  return context.db.$transaction(async (tx) => {
    const { status } = changes;
    // Deliveries are locked before the campaign; those that come in between are caught after it, and nobody waits for them.
    const before = await readCampaign(tx, teamId, campaignId);
    if (status && status !== before.status) await move(tx, { teamId, campaignId }, status, 'wait');
    await tx.$executeRaw`select from campaign where team_id = ${teamId} and id = ${campaignId} for update`;
    const campaign = await readCampaign(tx, teamId, campaignId);
    const { data, channelIds } = await findChanged(tx, caller, campaign, changes);
    const isChanged = Object.keys(data).length > 0 || channelIds !== null;
    if (!isChanged && status === before.status) {
      return { campaignId, rev: campaign.rev, heldPosts: await countHeldPosts(tx, teamId, campaignId), url };
    }
    if (isChanged && expectedRev !== undefined && expectedRev !== campaign.rev) {
      throw staleRevision(expectedRev, campaign.rev);
    }
    const rev = isChanged ? campaign.rev + 1 : campaign.rev;
    if (isChanged) {
      await tx.campaign.update({
        where: { id: campaignId },
        data: { ...data, rev, updatedAt: campaign.now },
      });
    }
    if (channelIds) await replaceChannels(tx, teamId, campaignId, channelIds);
    if (data.status) await move(tx, { teamId, campaignId }, data.status, 'skip');
    if (isChanged && caller.kind === 'person') {
      const action = `campaign.${data.status ?? 'changed'}`;
      await recordActivity({ db: tx }, { caller, action, target: campaignId, result: 'ok' });
    }
    return { campaignId, rev, heldPosts: await countHeldPosts(tx, teamId, campaignId), url };
  });
}

async function move(
  tx: Transaction,
  campaign: { teamId: string; campaignId: string },
  status: CampaignStatus,
  inUse: RowsInUse,
): Promise<void> {
  if (status !== 'active') {
    await holdCampaign(tx, campaign, `campaign_${status}`, inUse);
    return;
  }
  await releaseCampaign(tx, campaign, inUse);
  await notifyDue(tx);
}

async function readCampaign(tx: Transaction, teamId: string, campaignId: string) {
  const campaign = await tx.campaign.findUnique({
    where: { teamId_id: { teamId, id: campaignId } },
    include: { channels: { select: { channelId: true } } },
  });
  if (!campaign) throw campaignNotFound(campaignId);
  const [clock] = await tx.$queryRaw<{ now: Date }[]>`select clock_timestamp() as now`;
  return { ...campaign, now: clock!.now };
}

type StoredChanges = Partial<
  Pick<CampaignRow, 'name' | 'goal' | 'audience' | 'keyMessages' | 'startsOn' | 'endsOn'> & {
    status: CampaignStatus;
  }
>;
type CampaignRow = Awaited<ReturnType<typeof readCampaign>>;

/** Only what differs from what is there; channels as a whole, or null. */
async function findChanged(
  tx: Transaction,
  caller: Caller,
  campaign: CampaignRow,
  { channelIds, startsOn, endsOn, ...changes }: CampaignChanges,
) {
  const wanted = { ...changes, startsOn: toDate(startsOn), endsOn: toDate(endsOn) };
  const data = Object.fromEntries(
    Object.entries(wanted).filter(
      ([name, value]) =>
        value !== undefined &&
        JSON.stringify(value) !== JSON.stringify(campaign[name as keyof typeof wanted]),
    ),
  ) as StoredChanges;
  assertDates({ ...campaign, ...data });
  const present = campaign.channels.map(({ channelId }) => channelId);
  const chosen = channelIds && [...new Set(channelIds)];
  const added = chosen?.filter((id) => !present.includes(id)) ?? [];
  await findChannels(tx, caller, added);
  const isSame = !chosen || (added.length === 0 && chosen.length === present.length);
  return { data, channelIds: isSame ? null : chosen };
}

async function replaceChannels(tx: Transaction, teamId: string, campaignId: string, channelIds: string[]) {
  await tx.campaignChannel.deleteMany({ where: { campaignId, channelId: { notIn: channelIds } } });
  await tx.campaignChannel.createMany({
    data: channelIds.map((channelId) => ({ teamId, campaignId, channelId })),
    skipDuplicates: true,
  });
}

function staleRevision(expectedRev: number, rev: number) {
  return conflict({
    code: 'stale_revision',
    field: 'expected_rev',
    actual: rev,
    message: `The campaign is at revision ${rev}, not ${expectedRev}. Somebody changed it meanwhile.`,
    nextStep: 'Call get_campaign, then decide on what it says now and call again with its rev.',
  });
}
