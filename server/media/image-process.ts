/**
 * The process in which strangers' pictures are decoded. It has no environment, no database and no secret, may neither write
 * files nor start programs (see image-child.ts), decodes five formats with one thread, and ends itself when a picture takes
 * too much of the processor or of memory. It outlives neither its parent nor two idle minutes.
 */
import sharp from 'sharp';

import { drawCard } from './draw-card.ts';
import type { ImageAnswer, ImageJob, ImageRefusal, ImageUsage } from './image-jobs.ts';
import { ImageRefused } from './image-refused.ts';
import { normalisePicture } from './normalise-picture.ts';
import { renderPicture } from './render-picture.ts';

const WATCH_EVERY_MS = 5;
const IDLE_MS = 120_000;
/** Little for little: few bytes buy neither much memory nor much of the processor. */
const BASE_RSS_BYTES = 210_000_000;
const RSS_BYTES_PER_BYTE = 250;
const MAX_RSS_BYTES = 448_000_000;
const BASE_CPU_MS = 200;
const CPU_MS_PER_BYTE = 1 / 1000;
const MAX_CPU_MS = 8_000;
const CARD_CPU_MS = 3_000;

sharp.cache(false);
sharp.concurrency(1);
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadNsgifBuffer',
    'VipsForeignLoadHeifBuffer',
  ],
});

let idle = setTimeout(die, IDLE_MS);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
process.on('disconnect', die);
process.on('message', (job: ImageJob) => void answer(job));
send({ kind: 'ready' });

async function answer(job: ImageJob): Promise<void> {
  clearTimeout(idle);
  const { readUsage, stopWatching } = watch(limitsOf(job));
  let result: ImageAnswer;
  try {
    const { data, info, wasAnimated } = await work(job);
    result = {
      kind: 'done',
      bytes: data,
      mimeType: `image/${info.format as 'jpeg' | 'png' | 'webp' | 'gif'}`,
      width: info.width,
      height: info.height,
      wasAnimated,
      usage: readUsage(),
    };
  } catch (error) {
    const refusal = error instanceof ImageRefused ? error.refusal : 'damaged';
    result = { kind: 'refused', refusal, usage: readUsage() };
  }
  stopWatching();
  send(result);
  idle = setTimeout(die, IDLE_MS);
}

async function work(job: ImageJob) {
  if (job.kind === 'card') return { ...(await drawCard(job.card)), wasAnimated: false };
  if (job.kind === 'render') {
    return { ...(await renderPicture(job.bytes, job.format, job.spec)), wasAnimated: false };
  }
  const { image, wasAnimated } = await normalisePicture(job.bytes, job.format);
  return { ...(await image.toBuffer({ resolveWithObject: true })), wasAnimated };
}

interface Limits {
  cpuMs: number;
  rssBytes: number;
}

function limitsOf(job: ImageJob): Limits {
  if (job.kind === 'card') return { cpuMs: CARD_CPU_MS, rssBytes: MAX_RSS_BYTES };
  // A file of the library: its pixels were paid for when it came, and its bytes are as few as our encoder could make them.
  if (job.kind === 'render') return { cpuMs: MAX_CPU_MS, rssBytes: MAX_RSS_BYTES };
  const { byteLength } = job.bytes;
  return {
    cpuMs: Math.min(MAX_CPU_MS, BASE_CPU_MS + byteLength * CPU_MS_PER_BYTE),
    rssBytes: Math.min(MAX_RSS_BYTES, BASE_RSS_BYTES + byteLength * RSS_BYTES_PER_BYTE),
  };
}

/** The work runs on another thread, so this one is free to look. */
function watch(limits: Limits): { readUsage(): ImageUsage; stopWatching(): void } {
  const before = process.cpuUsage();
  let peakRssBytes = 0;
  const readUsage = (): ImageUsage => {
    const { user, system } = process.cpuUsage(before);
    const rssBytes = process.memoryUsage.rss();
    peakRssBytes = Math.max(peakRssBytes, rssBytes);
    return { cpuMs: (user + system) / 1000, rssBytes, peakRssBytes };
  };
  const timer = setInterval(() => {
    const usage = readUsage();
    if (usage.cpuMs > limits.cpuMs) giveUp('over_time', usage);
    if (usage.rssBytes > limits.rssBytes) giveUp('over_memory', usage);
  }, WATCH_EVERY_MS);
  return { readUsage, stopWatching: () => clearInterval(timer) };
}

function giveUp(refusal: ImageRefusal, usage: ImageUsage): void {
  process.send?.({ kind: 'refused', refusal, usage } satisfies ImageAnswer, die);
}

function send(result: ImageAnswer): void {
  process.send?.(result);
}

/** Exiting would wait for the thread that decodes. */
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
