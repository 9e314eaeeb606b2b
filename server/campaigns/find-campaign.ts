import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';

export interface CampaignDetails {
  id: string;
  name: string;
  goal: string;
  audience: string | null;
  keyMessages: string[];
  /** Calendar dates, at midnight UTC. */
  startsOn: Date | null;
  endsOn: Date | null;
  status: string;
  createdBy: { personName: string; clientName: string | null };
  channels: { network: string; handle: string }[];
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
      channels: { select: { channel: { select: { network: true, handle: true } } } },
    },
  });
  if (!campaign) throw notFound({ code: 'not_found', message: 'There is no such campaign in this team.' });
  return {
    id: campaign.id,
    name: campaign.name,
    goal: campaign.goal,
    audience: campaign.audience,
    keyMessages: campaign.keyMessages,
    startsOn: campaign.startsOn,
    endsOn: campaign.endsOn,
    status: campaign.status,
    createdBy: { personName: campaign.person.name, clientName: campaign.connection?.clientName ?? null },
    channels: campaign.channels.map(({ channel }) => channel),
  };
}
