// What LinkedIn tells of posts and accounts (checked 2026-11-21):
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/share-statistics (organisations),
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/members/post-statistics (members),
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/organization-lookup-api (followers).
import { z } from 'zod';

import {
  isNotFound,
  organizationUrn,
  postUrn,
  readLinkedin,
  restliList,
  type LinkedinSession,
} from './linkedin-api.ts';
import type { ChannelAccess, ChannelNumbers, PostNumbers } from './network.ts';

const ORGANIZATION_BATCH = 20;
/** Of a member each post is four calls. */
const MEMBER_BATCH = 5;

const count = z.int().min(0).optional();
const shareStatistics = z.object({
  elements: z.array(
    z.object({
      share: z.string().optional(),
      ugcPost: z.string().optional(),
      totalShareStatistics: z.object({
        impressionCount: count,
        // Below zero when more people took a like back than are counted here.
        likeCount: z.int().optional(),
        commentCount: count,
        shareCount: count,
        clickCount: count,
      }),
    }),
  ),
});
const memberStatistics = z.object({ elements: z.array(z.object({ count: z.int().min(0) })) });
const networkSize = z.object({ firstDegreeSize: z.int().min(0) });

const NOTHING_TOLD: PostNumbers = { views: null, likes: null, comments: null, shares: null, clicks: null };
/** One call each, all at once; LinkedIn does not tell members about clicks. */
const MEMBER_QUERIES = [
  ['views', 'IMPRESSION'],
  ['likes', 'REACTION'],
  ['comments', 'COMMENT'],
  ['shares', 'RESHARE'],
] as const;

type MeasuredChannel = Pick<ChannelAccess, 'remoteAccountId' | 'grantedScopes'>;

export function linkedinMeasureBatch({ remoteAccountId }: Pick<MeasuredChannel, 'remoteAccountId'>): number {
  return organizationUrn.safeParse(remoteAccountId).success ? ORGANIZATION_BATCH : MEMBER_BATCH;
}

/** Where the link does not let us ask, nothing is told; the same for what is known by its activity only. */
export async function measureLinkedinPosts(
  session: LinkedinSession,
  { remoteAccountId, grantedScopes }: MeasuredChannel,
  remoteIds: readonly string[],
): Promise<Map<string, PostNumbers>> {
  const isOrganization = organizationUrn.safeParse(remoteAccountId).success;
  const isTold = grantedScopes.includes(isOrganization ? 'rw_organization_admin' : 'r_member_postAnalytics');
  const urns = isTold ? remoteIds.filter((id) => postUrn.safeParse(id).success) : [];
  const told = new Map(remoteIds.filter((id) => !urns.includes(id)).map((id) => [id, { ...NOTHING_TOLD }]));
  if (isOrganization) await measureShares(session, remoteAccountId, urns, told);
  else for (const urn of urns) await measureMemberPost(session, urn, told);
  return told;
}

async function measureShares(
  session: LinkedinSession,
  organization: string,
  urns: readonly string[],
  told: Map<string, PostNumbers>,
): Promise<void> {
  for (const [kind, name] of [
    ['share', 'shares'],
    ['ugcPost', 'ugcPosts'],
  ] as const) {
    const asked = urns.filter((urn) => urn.startsWith(`urn:li:${kind}:`));
    if (asked.length === 0) continue;
    const entity = encodeURIComponent(organization);
    const path = `/rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity=${entity}&${name}=${restliList(asked)}`;
    const call = { method: 'GET', path, restliMethod: 'FINDER' } as const;
    // What nobody has seen yet is not in the answer, and neither is what is gone.
    for (const urn of asked) told.set(urn, { ...NOTHING_TOLD });
    for (const element of (await readLinkedin(session, call, shareStatistics)).elements) {
      const urn = element[kind];
      if (urn && asked.includes(urn)) told.set(urn, toNumbers(element.totalShareStatistics));
    }
  }
}

function toNumbers(
  total: z.infer<typeof shareStatistics>['elements'][number]['totalShareStatistics'],
): PostNumbers {
  return {
    views: total.impressionCount ?? null,
    likes: total.likeCount === undefined ? null : Math.max(total.likeCount, 0),
    comments: total.commentCount ?? null,
    shares: total.shareCount ?? null,
    clicks: total.clickCount ?? null,
  };
}

async function measureMemberPost(
  session: LinkedinSession,
  urn: string,
  told: Map<string, PostNumbers>,
): Promise<void> {
  const entity = `(${urn.startsWith('urn:li:share:') ? 'share' : 'ugc'}:${encodeURIComponent(urn)})`;
  try {
    const counts = await Promise.all(
      MEMBER_QUERIES.map(async ([name, queryType]) => {
        const path = `/rest/memberCreatorPostAnalytics?q=entity&entity=${entity}&queryType=${queryType}&aggregation=TOTAL`;
        const call = { method: 'GET', path, restliMethod: 'FINDER' } as const;
        const { elements } = await readLinkedin(session, call, memberStatistics);
        return [name, elements[0]?.count ?? null] as const;
      }),
    );
    told.set(urn, { ...NOTHING_TOLD, ...Object.fromEntries(counts) });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

export async function measureLinkedinAccount(
  session: LinkedinSession,
  { remoteAccountId, grantedScopes }: MeasuredChannel,
): Promise<ChannelNumbers> {
  const isOrganization = organizationUrn.safeParse(remoteAccountId).success;
  if (!isOrganization || !grantedScopes.includes('rw_organization_admin'))
    return { followers: null, posts: null };
  const path = `/rest/networkSizes/${encodeURIComponent(remoteAccountId)}?edgeType=COMPANY_FOLLOWED_BY_MEMBER`;
  const { firstDegreeSize } = await readLinkedin(session, { method: 'GET', path }, networkSize);
  return { followers: firstDegreeSize, posts: null };
}
