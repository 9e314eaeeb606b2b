// Statistics and organisations, by the pages named in examples/*.json.
import type { FakeAnswer, FakeRequest } from '../fake-server.ts';
import { NOT_FOUND, refuse, refuseField, refusePermission } from './linkedin-errors.ts';
import type { LinkedinCaller } from './linkedin-access.ts';
import type { FakeNumbers, LinkedinState } from './linkedin-state.ts';

const NO_NUMBERS: FakeNumbers = {
  impressionCount: 0,
  clickCount: 0,
  likeCount: 0,
  commentCount: 0,
  shareCount: 0,
};
const MEMBER_COUNTS: Readonly<Record<string, keyof FakeNumbers>> = {
  IMPRESSION: 'impressionCount',
  REACTION: 'likeCount',
  COMMENT: 'commentCount',
  RESHARE: 'shareCount',
};

/** Shares with no actions or impressions are not included. */
export function shareStatistics(
  state: LinkedinState,
  { query }: FakeRequest,
  caller: LinkedinCaller,
): FakeAnswer {
  const organization = query.get('organizationalEntity') ?? '';
  if (!caller.administers(organization) || !caller.has('rw_organization_admin')) {
    return refusePermission('organizationalEntityShareStatistics.FINDER-organizationalEntity');
  }
  const elements = (['shares', 'ugcPosts'] as const).flatMap((name) =>
    readList(query.get(name)).map((urn) => ({ name, urn })),
  );
  if (query.get('q') !== 'organizationalEntity' || elements.length === 0) {
    return refuseField('q', 'Invalid query parameters passed to request');
  }
  return {
    status: 200,
    body: {
      paging: { start: 0, count: 10, links: [] },
      elements: elements
        .filter(({ urn }) => state.numbers.has(urn))
        .filter(({ urn }) =>
          state.posts.some(
            ({ id, author, isDeleted }) => id === urn && author === organization && !isDeleted,
          ),
        )
        .map(({ name, urn }) => {
          const counts = state.numbers.get(urn)!;
          const total = { ...counts, uniqueImpressionsCount: counts.impressionCount, engagement: 0.1 };
          return {
            [name.slice(0, -1)]: urn,
            organizationalEntity: organization,
            totalShareStatistics: total,
          };
        }),
    },
  };
}

export function memberStatistics(
  state: LinkedinState,
  { query }: FakeRequest,
  caller: LinkedinCaller,
): FakeAnswer {
  if (!caller.has('r_member_postAnalytics'))
    return refusePermission('memberCreatorPostAnalytics.FINDER-entity');
  const [, kind, urn] =
    /^\((share|ugc):(urn:li:(?:share|ugcPost):\d+)\)$/.exec(query.get('entity') ?? '') ?? [];
  const name = MEMBER_COUNTS[query.get('queryType') ?? ''];
  const isKind = urn?.startsWith(kind === 'share' ? 'urn:li:share:' : 'urn:li:ugcPost:');
  if (query.get('q') !== 'entity' || query.get('aggregation') !== 'TOTAL' || !name || !isKind) {
    return refuseField('q', 'Invalid query parameters passed to request');
  }
  const post = state.posts.find(({ id, author }) => id === urn && author === caller.memberUrn);
  if (!post || post.isDeleted) return NOT_FOUND;
  const metricType = {
    'com.linkedin.adsexternalapi.memberanalytics.v1.CreatorPostAnalyticsMetricTypeV1': query.get('queryType'),
  };
  const element = { count: (state.numbers.get(post.id) ?? NO_NUMBERS)[name], metricType };
  return { status: 200, body: { paging: { start: 0, count: 10, links: [], total: 1 }, elements: [element] } };
}

export function networkSize(
  state: LinkedinState,
  urn: string,
  { query }: FakeRequest,
  caller: LinkedinCaller,
): FakeAnswer {
  if (!caller.administers(urn) || !caller.has('rw_organization_admin'))
    return refusePermission('networkSizes.GET');
  if (query.get('edgeType') !== 'COMPANY_FOLLOWED_BY_MEMBER') return refuseField('edgeType', 'unknown edge');
  return { status: 200, body: { firstDegreeSize: state.organizations.get(urn)!.followers } };
}

export function organizationAcls(
  state: LinkedinState,
  { query }: FakeRequest,
  caller: LinkedinCaller,
): FakeAnswer {
  if (!caller.has('rw_organization_admin')) return refusePermission('organizationAcls.FINDER-roleAssignee');
  if (query.get('q') !== 'roleAssignee') return refuse(400, 'ILLEGAL_ARGUMENT', 'No such finder');
  const elements = [...state.organizations]
    .filter(([, { administrators }]) => administrators.has(caller.memberUrn))
    .map(([organization]) => ({
      roleAssignee: caller.memberUrn,
      state: query.get('state') ?? 'APPROVED',
      role: query.get('role') ?? 'ADMINISTRATOR',
      organization,
    }));
  return {
    status: 200,
    body: { paging: { count: Number(query.get('count') ?? 10), start: 0, links: [] }, elements },
  };
}

export function getOrganization(state: LinkedinState, id: string, caller: LinkedinCaller): FakeAnswer {
  const organization = state.organizations.get(`urn:li:organization:${id}`);
  if (!organization) return NOT_FOUND;
  if (!caller.administers(`urn:li:organization:${id}`)) return refusePermission('organizations.GET');
  return { status: 200, body: { id: Number(id), localizedName: organization.name, vanityName: `org-${id}` } };
}

/** `List(a,b)` of Rest.li 2.0, decoded already. */
function readList(value: string | null): string[] {
  return /^List\((.*)\)$/.exec(value ?? '')?.[1]?.split(',') ?? [];
}
