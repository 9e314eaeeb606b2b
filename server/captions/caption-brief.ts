import { findCampaign } from '../campaigns/find-campaign.ts';
import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { invalidInput } from '../errors.ts';
import { describeRules, type RulesInBrief } from '../networks/describe-rules.ts';
import type { RuledChannel } from '../networks/find-rules.ts';
import { NETWORK_IDS, type NetworkId } from '../networks/network-rules.ts';
import { findTeamLanguage, languageName } from '../teams/team-language.ts';
import { cleanForeignText } from './clean-foreign-text.ts';
import { readSource, type Source } from './read-source.ts';

/** Captions can be written for networks that nothing can be published to yet. */
export const CAPTION_NETWORKS = NETWORK_IDS;

export interface CaptionWish {
  campaignId: string;
  networks: NetworkId[];
  /** Captions for each network. */
  count: number;
  tone?: string | undefined;
  sourceText?: string | undefined;
  sourceUrl?: string | undefined;
}

/** All that captions are written from. */
export interface CaptionBrief {
  campaign: string;
  goal: string;
  audience: string | null;
  keyMessages: string[];
  /** Calendar dates: 2026-12-01. */
  startsOn: string | null;
  endsOn: string | null;
  tone: string | null;
  /** In which the team writes, in English: German; null where nobody said. */
  language: string | null;
  count: number;
  source: Source | null;
  networks: NetworkBrief[];
}

export interface NetworkBrief extends RulesInBrief {
  /** Whose rules they are: the campaign's channel on that network, where it has one. */
  channel: RuledChannel;
}

const MAX_SOURCE = 12_000;

/** @throws AppError NotFound; InvalidInput (`two_sources`, and what `readSource` throws); Unavailable */
export async function composeBrief(
  context: Context,
  caller: Caller,
  { campaignId, networks, count, tone, sourceText, sourceUrl }: CaptionWish,
): Promise<CaptionBrief> {
  if (sourceText !== undefined && sourceUrl !== undefined) {
    throw invalidInput({
      code: 'two_sources',
      field: 'source_url',
      message: 'Captions are written from one source. Give source_text or source_url.',
    });
  }
  const campaign = await findCampaign(context, caller, campaignId);
  const channels = await findRuledChannels(context, caller, campaignId);
  const language = await findTeamLanguage(context, caller);
  const given = sourceText === undefined ? '' : cleanForeignText(sourceText, MAX_SOURCE);
  const source = sourceUrl === undefined ? null : await readSource(context, sourceUrl, MAX_SOURCE);
  return {
    campaign: campaign.name,
    goal: campaign.goal,
    audience: campaign.audience,
    keyMessages: campaign.keyMessages,
    startsOn: toDay(campaign.startsOn),
    endsOn: toDay(campaign.endsOn),
    tone: tone ?? null,
    language: language && languageName(language),
    count,
    source: given ? { url: null, title: '', text: given } : source,
    networks: [...new Set(networks)].map((network) => {
      const channel = channels.find(({ imitates, network: own }) => (imitates ?? own) === network) ?? {
        network,
      };
      return { ...describeRules(channel)!, channel };
    }),
  };
}

async function findRuledChannels(
  { db }: Context,
  { teamId }: Caller,
  campaignId: string,
): Promise<RuledChannel[]> {
  const rows = await db.campaignChannel.findMany({
    where: { teamId, campaignId, channel: { disconnectedAt: null } },
    select: { channel: { select: { network: true, imitates: true, ownLimits: true } } },
    orderBy: { channelId: 'asc' },
  });
  return rows.map(({ channel }) => channel);
}

const toDay = (date: Date | null) => date && date.toISOString().slice(0, 10);
