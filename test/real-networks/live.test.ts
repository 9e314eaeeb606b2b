import { expect, test } from 'vitest';

import { createGuardedFetch } from '../../server/fetch.ts';
import { findLiveNetwork, openLiveChannel, readLiveSettings, secretsOf } from '../live/live-account.ts';
import { recordFetch } from '../live/record-fetch.ts';
import { runLive } from '../live/run-live.ts';
import { startRealPds } from './real-pds.ts';

test('a live run posts, reads back and deletes, and writes down nothing secret', async () => {
  await using pds = await startRealPds();
  const { did, handle, appPassword } = await pds.createAccount('live');
  const env = { LIVE_HANDLE: handle, LIVE_APP_PASSWORD: appPassword, LIVE_SERVICE_URL: pds.url };
  const settings = readLiveSettings(env);
  const network = findLiveNetwork('bluesky', {});
  const recorder = recordFetch(createGuardedFetch(['localhost']), secretsOf(settings, undefined));
  const channel = await openLiveChannel(network, settings, recorder.fetch);
  recorder.addSecrets(secretsOf(settings, channel.credentials));
  const { fetch } = recorder;
  const steps = await runLive({ network, channel, fetch, pictureUrl: undefined, report: () => undefined });
  await fetch.close();
  expect(steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
    'text passed',
    'thread passed',
    'picture passed',
    // The AppView counts, and a server alone has none.
    'metrics failed',
    'delete passed',
    'delete again passed',
  ]);
  expect(await pds.listPosts(did)).toEqual([]);
  const written = JSON.stringify(recorder.exchanges);
  for (const secret of secretsOf(settings, channel.credentials)) expect(written).not.toContain(secret);
  expect(recorder.exchanges.filter(({ url }) => url.endsWith('putRecord'))).toHaveLength(4);
});
