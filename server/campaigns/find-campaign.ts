import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import type { CampaignStatus } from './list-campaigns.ts';

export interface CampaignDetails {
  id: string;
  rev: number;
  name: string;
  goal: string;
  audience: string | null;
  keyMessages: string[];
  /** Calendar dates, at midnight UTC. */
  startsOn: Date | null;
  endsOn: Date | null;
  status: CampaignStatus;
  createdBy: { personName: string; clientName: string | null };
  channels: CampaignChannel[];
}

export interface CampaignChannel {
  id: string;
  network: string;
  handle: string;
  /** The network whose rules a practice channel keeps. */
  imitates: string | null;
  /** ok, needs_reconnect or disconnected. */
  status: string;
}

/** The brief. @throws AppError NotFound */
export async function findCampaign(
  context: Context,
  caller: Caller,
  campaignId: string,
): Promise<CampaignDetails> {
  const campaign = await context.db.campaign.findUnique({
    where: { teamId_id: { teamId: caller.teamId, id: campaignId } },
    include: {
      person: { select: { name: true } },
      connection: { select: { clientName: true } },
      channels: {
        select: {
          channel: {
            select: {
              ...{ id: true, network: true, handle: true, imitates: true },
              ...{ status: true, disconnectedAt: true },
            },
          },
        },
        orderBy: { channelId: 'asc' },
      },
    },
  });
  if (!campaign) throw campaignNotFound(campaignId);
  return {
    id: campaign.id,
    rev: campaign.rev,
    name: campaign.name,
    goal: campaign.goal,
    audience: campaign.audience,
    keyMessages: campaign.keyMessages,
    startsOn: campaign.startsOn,
    endsOn: campaign.endsOn,
    status: campaign.status as CampaignStatus,
    createdBy: { personName: campaign.person.name, clientName: campaign.connection?.clientName ?? null },
    channels: campaign.channels.map(({ channel: { disconnectedAt, status, ...channel } }) => ({
      ...channel,
      status: disconnectedAt ? 'disconnected' : status,
    })),
  };
}

export function campaignNotFound(campaignId: string) {
  return notFound({
    code: 'not_found',
    field: 'campaign_id',
    message: `There is no campaign ${campaignId} in this team.`,
  });
}
