// The documentation's own examples judge the stand-in and the connector alike.
import { describe, expect, test } from 'vitest';

import type { GuardedFetch } from '../../server/fetch.ts';
import { explainLinkedinError } from '../../server/networks/linkedin-errors.ts';
import { listOrganizations } from '../../server/networks/linkedin-organizations.ts';
import { createLinkedin } from '../../server/networks/linkedin.ts';
import { escapeLittleText, readLittleText } from '../../server/networks/little-text.ts';
import answers from '../support/fakes/linkedin/examples/answers.json' with { type: 'json' };
import errors from '../support/fakes/linkedin/examples/errors.json' with { type: 'json' };
import littleTexts from '../support/fakes/linkedin/examples/little-texts.json' with { type: 'json' };
import requests from '../support/fakes/linkedin/examples/requests.json' with { type: 'json' };
import { startFakeLinkedin } from '../support/fakes/linkedin/fake-linkedin.ts';
import { parseLittleText } from '../support/fakes/linkedin/little-text-parser.ts';
import { LINKEDIN_SETTINGS, linkedinPart } from './linkedin-calls.ts';

const ORGANIZATION = 'urn:li:organization:2414183';
const SCOPES = [
  'w_organization_social',
  'r_organization_social',
  'rw_organization_admin',
  'r_member_postAnalytics',
];

/** A way out that always gets one answer. */
function answering(...bodies: unknown[]): GuardedFetch {
  const left = [...bodies];
  const fetch = async () => Response.json(left.length > 1 ? left.shift() : left[0]);
  return Object.assign(fetch, { close: async () => undefined });
}

function callWith(remoteAccountId: string, fetch: GuardedFetch) {
  const credentials = JSON.stringify({ accessToken: 'token' });
  const channel = {
    channelId: 'channel',
    remoteAccountId,
    handle: 'Devtestco',
    credentials,
    grantedScopes: SCOPES,
  };
  return { channel, fetch, signal: AbortSignal.timeout(5000) };
}

describe('the stand-in', () => {
  test.each(requests)('takes the documented request: $what', async ({ method, path, body, status }) => {
    await using fake = await startFakeLinkedin();
    const { accountId, urn } = fake.addMember('Ada');
    const administrators = new Set([urn]);
    fake.state.organizations.set('urn:li:organization:5515715', {
      name: 'Devtestco',
      administrators,
      followers: 1,
    });
    for (const image of ['urn:li:image:C4D22AQFttWMAaIqHaa', 'urn:li:image:C4D22AQG7uz0yPJh588']) {
      const [at, owner] = [new Date(0), 'urn:li:organization:5515715'];
      const uploaded = {
        uploadId: image,
        uploadExpiresAt: at,
        uploadedAt: at,
        byteCount: 9,
        isBroken: false,
      };
      fake.state.images.set(image, { urn: image, owner, ...uploaded });
    }
    const { accessToken } = fake.oauth.tokens.issue({ accountId, clientId: 'app', scopes: SCOPES });
    const answer = await fetch(fake.url + path, {
      method,
      headers: {
        authorization: `Bearer ${accessToken}`,
        'linkedin-version': LINKEDIN_SETTINGS.version,
        'x-restli-protocol-version': '2.0.0',
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    expect([answer.status, await answer.text()]).toEqual([status, expect.any(String)]);
    expect(fake.strays).toEqual([]);
  });

  test.each(littleTexts.texts)(
    'shows the documented text: $commentary',
    ({ commentary, shows, ...marks }) => {
      const { text, isCut, hashtags, mentions } = parseLittleText(commentary);
      expect({ text, isCut }).toEqual({ text: shows, isCut: false });
      expect({ hashtags, mentions }).toEqual({ hashtags: [], mentions: [], ...marks });
    },
  );

  test.each(littleTexts.cut.texts)(
    'ends a post where nobody escaped: $commentary',
    ({ commentary, shows }) => {
      expect(parseLittleText(commentary)).toMatchObject({ text: shows, isCut: true });
      expect(parseLittleText(escapeLittleText(commentary))).toMatchObject({ text: commentary, isCut: false });
    },
  );
});

describe('the connector', () => {
  test.each(errors)('understands the documented refusal: $what', ({ status, body, means }) => {
    const answer = { status, headers: new Headers(), body };
    expect(explainLinkedinError(answer).kind).toBe(means);
  });

  test.each(littleTexts.texts.filter(({ commentary }) => commentary !== '#hashtag'))(
    'reads the documented text: $commentary',
    ({ commentary, shows }) => expect(readLittleText(commentary)).toBe(shows),
  );

  test('finds its post among the documented ones, by author, time, text and picture', async () => {
    const network = createLinkedin(LINKEDIN_SETTINGS);
    const call = callWith(ORGANIZATION, answering(answers.posts.body));
    const image = 'urn:li:image:D4E10AQE71V5w_-aalA';
    const part = linkedinPart({
      text: "Don't forget the image.",
      frozenAt: new Date(1679663760000),
      prepared: { pictures: [{ image, contentHash: 'a', altText: 'Image' }] },
    });
    const remoteId = 'urn:li:share:7045020441609936898';
    expect(await network.readBack({ ...call, part })).toMatchObject({ remoteId });
    const others = [{ text: 'Other' }, { frozenAt: new Date() }, { prepared: null }];
    for (const other of others) {
      expect(await network.readBack({ ...call, part: { ...part, ...other } })).toBeNull();
    }
    const stranger = callWith('urn:li:organization:1', answering(answers.posts.body));
    expect(await network.readBack({ ...stranger, part })).toBeNull();
  });

  test('reads the documented organisations, those alone that the member administers now', async () => {
    const [acl] = answers.organizationAcls.body.elements;
    const elements = [
      { ...acl, organization: 'urn:li:organization:1', state: 'REVOKED' },
      { ...acl, organization: 'urn:li:organization:2', role: 'ANALYST' },
      { ...acl, organization: 'urn:li:organization:3/../../posts' },
      acl,
      acl,
    ];
    const { fetch, signal } = callWith(ORGANIZATION, answering({ elements }, answers.organization.body));
    const session = { settings: LINKEDIN_SETTINGS, token: 'token', fetch, signal };
    expect(await listOrganizations(session)).toEqual([
      { remoteAccountId: ORGANIZATION, handle: 'Devtestco' },
    ]);
  });

  test('reads the documented numbers', async () => {
    const network = createLinkedin(LINKEDIN_SETTINGS);
    const shares = callWith(ORGANIZATION, answering(answers.shareStatistics.body));
    expect([...(await network.measure!(shares, ['urn:li:share:1000000', 'urn:li:share:1000001']))]).toEqual([
      ['urn:li:share:1000000', { views: 14490816, likes: 52, comments: 70, shares: 4, clicks: 109276 }],
      ['urn:li:share:1000001', { views: null, likes: null, comments: null, shares: null, clicks: null }],
    ]);
    const member = callWith('urn:li:person:abc', answering(answers.memberStatistics.body));
    expect([...(await network.measure!(member, ['urn:li:share:1']))]).toEqual([
      ['urn:li:share:1', { views: 2, likes: 2, comments: 2, shares: 2, clicks: null }],
    ]);
  });

  test('asks for all numbers of a member’s post at once, and for fewer posts of a member than of an organisation', async () => {
    const { measure, measureBatch } = createLinkedin(LINKEDIN_SETTINGS);
    const waiting: (() => void)[] = [];
    const fetch = async () => {
      const others = new Promise<void>((resolve) => waiting.push(resolve));
      if (waiting.length === 4) for (const answer of waiting) answer();
      await others;
      return Response.json(answers.memberStatistics.body);
    };
    const member = callWith('urn:li:person:abc', Object.assign(fetch, { close: async () => undefined }));
    expect(await measure!(member, ['urn:li:share:1'])).toHaveProperty('size', 1);
    const batchOf = measureBatch as (channel: { remoteAccountId: string }) => number;
    expect([batchOf(member.channel), batchOf({ remoteAccountId: ORGANIZATION })]).toEqual([5, 20]);
  });
});
