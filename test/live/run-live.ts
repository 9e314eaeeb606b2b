import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import sharp from 'sharp';

import type { GuardedFetch } from '../../server/fetch.ts';
import type { Call, ChannelAccess, Network, PartMedia, SentPart } from '../../server/networks/network.ts';
import { NetworkError } from '../../server/networks/network-error.ts';

export interface LiveStep {
  step: string;
  outcome: 'passed' | 'failed' | 'left out';
  detail: string;
}

export interface LiveInput {
  network: Network;
  channel: ChannelAccess;
  fetch: GuardedFetch;
  pictureUrl: string | undefined;
  report(step: LiveStep): void;
}

const LOOKS_WHILE_PREPARING = 20;
const LOOK_PAUSE_MS = 5_000;

/** The harmless part of the contract: what it posts it takes down again, also when a step fails. */
export async function runLive(input: LiveInput): Promise<LiveStep[]> {
  const { network, report } = input;
  const { maxParts, pictures } = network.rules;
  const steps: LiveStep[] = [];
  const posted: SentPart[][] = [];
  const run = async (step: string, reason: string | null, work: () => Promise<string>) => {
    let result: LiveStep;
    if (reason !== null) result = { step, outcome: 'left out', detail: reason };
    else {
      try {
        result = { step, outcome: 'passed', detail: await work() };
      } catch (error) {
        result = { step, outcome: 'failed', detail: wordsOf(error) };
      }
    }
    steps.push(result);
    report(result);
  };
  const publish = async (texts: string[], media: readonly PartMedia[] = []) => {
    const sent: SentPart[] = [];
    posted.push(sent);
    for (const [index, text] of texts.entries()) {
      const call = await prepare(input, text, index === 0 ? media : [], [...sent]);
      const part = await network.send(call);
      sent.push(part);
      await readItBack(input, call, part);
    }
    return sent.map(({ remoteUrl }) => remoteUrl).join(', ');
  };
  const stamp = new Date().toISOString();
  const takesTexts = pictures.isRequired ? `${network.name} takes no text without a picture` : null;
  await run('text', takesTexts, () => publish([`A test, soon gone (a*b_c) 🎉 ${stamp}`]));
  const takesThreads = takesTexts ?? (maxParts > 1 ? null : `${network.name} has no threads`);
  await run('thread', takesThreads, () => publish([`One of two ${stamp}`, `Two of two ${stamp}`]));
  const needsUrl = ['threads', 'instagram'].includes(network.id) && !input.pictureUrl;
  await run('picture', needsUrl ? 'LIVE_PICTURE_URL is not set' : null, async () =>
    publish([`A picture ${stamp}`], [await drawPicture(input.pictureUrl)]),
  );
  await run('metrics', network.measure ? null : `${network.name} tells no numbers`, async () => {
    const ids = posted.flat().map(({ remoteId }) => remoteId);
    const told = await network.measure!(remoteCall(input), ids.slice(0, 1));
    return JSON.stringify(told.get(ids[0]!) ?? 'not told yet');
  });
  const left = posted.filter((parts) => parts.length > 0);
  const addresses = left.flat().map(({ remoteUrl }) => remoteUrl);
  const isByHand = network.takeDown ? null : `delete by hand: ${addresses.join(', ')}`;
  await run('delete', isByHand, async () => {
    for (const parts of left) await network.takeDown!(remoteCall(input), parts);
    return `${addresses.length} posts`;
  });
  await run('delete again', isByHand, async () => {
    for (const parts of left) await network.takeDown!(remoteCall(input), parts);
    return 'changed nothing';
  });
  return steps;
}

const remoteCall = ({ channel, fetch }: LiveInput) => ({
  channel,
  fetch,
  signal: AbortSignal.timeout(30_000),
});

/** Until the network has worked on the pictures. */
async function prepare(
  input: LiveInput,
  text: string,
  media: readonly PartMedia[],
  earlier: SentPart[],
): Promise<Call> {
  const { network } = input;
  const frozenAt = new Date();
  const deliveryId = `live-${frozenAt.getTime()}`;
  const partNo = earlier.length + 1;
  const part: Call['part'] = {
    ...{ deliveryId, partNo, text, frozenAt, media, earlier, prepared: null },
    key: network.newKey(deliveryId, partNo, frozenAt),
  };
  for (let look = 1; ; look += 1) {
    try {
      const prepared = await network.prepare({ ...remoteCall(input), part });
      return { ...remoteCall(input), part: { ...part, prepared } };
    } catch (error) {
      const isWorking = error instanceof NetworkError && error.kind === 'not_sent';
      if (!isWorking || look === LOOKS_WHILE_PREPARING) throw error;
      part.prepared = error.prepared ?? part.prepared;
      await wait(LOOK_PAUSE_MS);
    }
  }
}

/** What was sent is found again as exactly that, where the network lets it be read. */
async function readItBack({ network, channel }: LiveInput, call: Call, sent: SentPart): Promise<void> {
  if ((network.guaranteeFor?.(channel) ?? network.guarantee) === 'none') return;
  const found = await network.readBack({ ...call, signal: AbortSignal.timeout(30_000) });
  if (found?.remoteId !== sent.remoteId)
    throw new Error(`sent as ${sent.remoteId}, read back as ${found?.remoteId}`);
}

async function drawPicture(publicUrl: string | undefined): Promise<PartMedia> {
  const [width, height] = [640, 480];
  const background = { r: 40, g: 90, b: 160 };
  const drawn = sharp({ create: { width, height, channels: 3, background } }).jpeg();
  const bytes = new Uint8Array(await drawn.toBuffer());
  return {
    ...{ mimeType: 'image/jpeg', width, height, byteCount: bytes.byteLength },
    contentHash: createHash('sha256').update(bytes).digest('hex'),
    altText: 'A blue rectangle',
    storageKey: 'live',
    publicUrl: publicUrl ?? null,
    read: async () => bytes,
  };
}

function wordsOf(error: unknown): string {
  if (error instanceof NetworkError) return `${error.kind} ${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
