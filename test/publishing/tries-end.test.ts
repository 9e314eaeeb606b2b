import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import type { Network } from '../../server/networks/network.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { openTestContext } from '../support/test-context.ts';
import { createClassNetwork } from './class-network.ts';
import { createPublishingTeam, readDelivery, scheduleTestDelivery, type PublishingTeam } from './fixtures.ts';

let context: Context;
let team: PublishingTeam;

beforeAll(async () => {
  context = await openTestContext();
  team = await createPublishingTeam(context);
});
afterAll(() => context[Symbol.asyncDispose]());

async function tryToTheEnd(prepare: Network['prepare']) {
  const net = createClassNetwork(context, 'exact', { prepare });
  const { id } = await scheduleTestDelivery(context, team);
  const waited: (string | null)[] = [];
  for (let tries = 0; tries < 6; tries += 1) {
    await publishDelivery(net.context, id);
    const { state, problemCode } = await readDelivery(context, id);
    if (state === 'scheduled') waited.push(problemCode);
    await context.db.$executeRaw`update delivery set not_before = clock_timestamp() where id = ${id}`;
  }
  expect(net.sends).toEqual([]);
  return { ...(await readDelivery(context, id)), waited };
}

const OUT_OF_REACH = 'The network could not be reached at any try. Schedule the post again.';
const unreachable = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });

test.each([
  [
    'pictures that never got ready',
    new NetworkError('not_sent', 'media_not_ready', 'Instagram is still working on the pictures.'),
    [
      'media_not_ready',
      'Instagram is still working on the pictures. No try came any further. Schedule the post again.',
    ],
  ],
  [
    'a picture that the network lost, in its own code',
    new NetworkError('not_sent', 'BlobNotFound', 'Bluesky does not have a picture of the post any more.'),
    [
      'network_unreachable',
      'Bluesky does not have a picture of the post any more. No try came any further. Schedule the post again.',
    ],
  ],
  ['no connection', unreachable, ['network_unreachable', OUT_OF_REACH]],
  [
    'no clear answer',
    new NetworkError('ambiguous', 'http_502', 'It gave no clear answer.'),
    ['network_unreachable', OUT_OF_REACH],
  ],
])('tries that all ended with %s fail with the words for it', async (_, error, [code, message]) => {
  const prepare: Network['prepare'] = async () => {
    throw error;
  };
  const ended = await tryToTheEnd(prepare);
  expect(ended).toMatchObject({ state: 'failed', problemCode: code, problemMessage: message });
  expect(ended.waited).toEqual(Array(5).fill(code));
});
