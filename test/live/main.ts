// npm run live -- NETWORK [--yes]: publishes to the real service with your own account, and takes it down again.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';

import { readConfig } from '../../server/config.ts';
import { createGuardedFetch } from '../../server/fetch.ts';
import { findLiveNetwork, openLiveChannel, readLiveSettings, secretsOf } from './live-account.ts';
import { recordFetch } from './record-fetch.ts';
import { runLive } from './run-live.ts';

const [networkId = '', ...options] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

const env = process.env;
const settings = readLiveSettings(env);
const network = findLiveNetwork(networkId, env);
const recorder = recordFetch(
  createGuardedFetch(readConfig(env).allowPrivateHosts),
  secretsOf(settings, settings.LIVE_CREDENTIALS),
);

if (!options.includes('--yes') && !(await isWanted())) process.exit(1);

const channel = await openLiveChannel(network, settings, recorder.fetch);
recorder.addSecrets(secretsOf(settings, channel.credentials));
const steps = await runLive({
  network,
  channel,
  fetch: recorder.fetch,
  pictureUrl: settings.LIVE_PICTURE_URL,
  report: ({ step, outcome, detail }) => say(`${outcome.padEnd(8)} ${step}: ${detail}`),
});
await recorder.fetch.close();

const folder = path.join(import.meta.dirname, 'recordings');
const file = path.join(folder, `${networkId}-${new Date().toISOString().replaceAll(':', '-')}.json`);
await mkdir(folder, { recursive: true });
// Without the details: they hold the addresses of the account.
const outcomes = steps.map(({ step, outcome }) => ({ step, outcome }));
await writeFile(file, JSON.stringify({ outcomes, exchanges: recorder.exchanges }, null, 2));
const failed = steps.filter(({ outcome }) => outcome === 'failed').length;
say(
  `live ${networkId}: ${steps.length - failed} of ${steps.length} steps without a failure; ${recorder.exchanges.length} exchanges in ${path.relative('.', file)}`,
);
process.exitCode = failed === 0 ? 0 : 1;

async function isWanted(): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const question = `This posts publicly on ${network.name} as ${settings.LIVE_HANDLE} and deletes it again${network.takeDown ? '' : ' (by hand: the network offers no other way)'}. Type yes: `;
  const answer = await prompt.question(question);
  prompt.close();
  return answer.trim() === 'yes';
}
