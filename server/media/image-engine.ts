import { AppError, invalidInput, unavailable } from '../errors.ts';
import { explainRefusal } from './explain-refusal.ts';
import { startImageChild, type ImageChild } from './image-child.ts';
import type { ImageAnswer, ImageJob, ImageUsage } from './image-jobs.ts';
import { pictureFormatOf, type PictureFormat } from './picture-format.ts';
import type { CropBox } from './plan-rendition.ts';

/** A picture without any foreign bytes but its pixels: no EXIF, GPS, XMP or colour profile. */
export interface RenderedImage {
  bytes: Uint8Array<ArrayBuffer>;
  mimeType: 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif';
  width: number;
  height: number;
}

/** A picture as the library keeps it: upright, sRGB, at most 4096 pixels wide and high. */
export interface NormalisedImage extends RenderedImage {
  /** It moved; only its first frame was kept. */
  wasAnimated: boolean;
}

/** What a network gets: the part of the picture that stays, scaled down. */
export interface RenditionSpec {
  mimeType: 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif';
  width: number;
  height: number;
  crop: CropBox;
  /** Quality is stepped down until they hold, then the size. */
  maxBytes: number;
  /** Kept when the size is stepped down. */
  minAspect?: number | undefined;
  maxAspect?: number | undefined;
}

/** A picture made of words: a headline on a branded ground. */
export interface CardSpec {
  title: string;
  subtitle?: string | undefined;
  theme: 'light' | 'dark';
  size: 'landscape' | 'square' | 'portrait' | 'story';
  /** Stands small at the foot: the team's name. */
  brand: string;
}

/**
 * Decodes strangers' pictures, so it works in processes of its own, under limits of pixels, time and memory.
 * The same input always gives the same bytes.
 * @throws AppError InvalidInput (`not_an_image`, `image_too_large`, `image_refused`), Unavailable (`image_engine_busy`)
 */
export interface ImageEngine extends AsyncDisposable {
  normalise(bytes: Uint8Array): Promise<NormalisedImage>;
  render(bytes: Uint8Array, spec: RenditionSpec): Promise<RenderedImage>;
  drawCard(card: CardSpec): Promise<RenderedImage>;
}

export interface ImageEngineOptions {
  /** That work side by side; each is started when it is needed. */
  processes?: number;
  /** Told after every job what it took. */
  observe?: (usage: ImageUsage & { pid: number }) => void;
}

export const MAX_SOURCE_BYTES = 25_000_000;
const MAX_WAITING = 50;
const MAX_JOBS_PER_PROCESS = 50;
/** Freed memory does not always go back to the system, and the next picture wants its share. */
const RECYCLE_RSS_BYTES = 130_000_000;
const IDLE_MS = 30_000;

interface Slot {
  child: ImageChild | undefined;
  jobs: number;
  idleTimer: NodeJS.Timeout | undefined;
}

/** Processes start with the first picture, end after 30 idle seconds, and after a picture that they refused. */
export function createImageEngine({ processes = 2, observe }: ImageEngineOptions = {}): ImageEngine {
  const slots: Slot[] = Array.from({ length: processes }, () => ({
    child: undefined,
    jobs: 0,
    idleTimer: undefined,
  }));
  // The last one used is used next: then a second process starts only for a second picture.
  const free = [...slots];
  const waiting: ((slot: Slot) => void)[] = [];
  let isDisposed = false;

  const take = async (): Promise<Slot> => {
    if (isDisposed || waiting.length >= MAX_WAITING) throw busy();
    const slot = free.pop() ?? (await new Promise<Slot>((resolve) => waiting.push(resolve)));
    clearTimeout(slot.idleTimer);
    return slot;
  };
  const end = async (slot: Slot): Promise<void> => {
    const { child } = slot;
    slot.child = undefined;
    slot.jobs = 0;
    await child?.kill();
  };
  const give = (slot: Slot): void => {
    const next = waiting.shift();
    if (next) return next(slot);
    free.push(slot);
    slot.idleTimer = setTimeout(() => void end(slot), IDLE_MS).unref();
  };

  const doJob = async (job: ImageJob): Promise<DoneAnswer> => {
    const slot = await take();
    let isOfUse = false;
    try {
      if (!slot.child?.isAlive() && !isDisposed) {
        slot.child = await startImageChild().catch((cause: unknown) => {
          throw busy(cause);
        });
        slot.jobs = 0;
      }
      if (!slot.child || isDisposed) throw busy();
      slot.jobs += 1;
      const answer = await slot.child.work(job);
      if (answer.kind === 'ready') throw new Error('the image process answers out of turn');
      observe?.({ ...answer.usage, pid: slot.child.pid });
      if (answer.kind === 'refused' && job.kind === 'card') throw new Error('a card could not be drawn');
      if (answer.kind === 'refused') throw explainRefusal(answer.refusal);
      isOfUse = slot.jobs < MAX_JOBS_PER_PROCESS && answer.usage.rssBytes < RECYCLE_RSS_BYTES;
      assertIsWhatItSays(answer);
      return answer;
    } catch (error) {
      isOfUse = false;
      if (error instanceof AppError) throw error;
      if (isDisposed) throw busy();
      // Of a picture it says something; drawing our own must not fail.
      throw job.kind === 'card' ? error : explainRefusal('damaged');
    } finally {
      if (!isOfUse) await end(slot);
      give(slot);
    }
  };
  const running = new Set<Promise<DoneAnswer>>();
  const run = async (job: ImageJob): Promise<DoneAnswer> => {
    const result = doJob(job);
    running.add(result);
    return result.finally(() => running.delete(result));
  };
  return {
    async normalise(bytes) {
      const answer = await run({ kind: 'normalise', bytes, format: readFormat(bytes) });
      return { ...toImage(answer), wasAnimated: answer.wasAnimated };
    },
    async render(bytes, spec) {
      return toImage(await run({ kind: 'render', bytes, format: readFormat(bytes), spec }));
    },
    async drawCard(card) {
      return toImage(await run({ kind: 'card', card }));
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      for (const { idleTimer } of slots) clearTimeout(idleTimer);
      await Promise.all(slots.map(end));
      await Promise.allSettled(running);
    },
  };
}

type DoneAnswer = Extract<ImageAnswer, { kind: 'done' }>;

function readFormat(bytes: Uint8Array): PictureFormat {
  if (bytes.byteLength > MAX_SOURCE_BYTES) throw explainRefusal('over_memory');
  const format = pictureFormatOf(bytes);
  if (format) return format;
  throw invalidInput({
    code: 'not_an_image',
    message: 'This file is not a picture that can be used. Give a JPEG, PNG, WebP, GIF or AVIF file.',
  });
}

/** A decoder that a picture has taken over can send anything, but then it is no picture or none of ours. */
function assertIsWhatItSays({ bytes, mimeType }: DoneAnswer): void {
  if (mimeType !== `image/${pictureFormatOf(bytes)}`) throw explainRefusal('damaged');
}

function toImage({ bytes, mimeType, width, height }: DoneAnswer): RenderedImage {
  return { bytes: new Uint8Array(bytes), mimeType, width, height };
}

const busy = (cause?: unknown) =>
  unavailable({
    code: 'image_engine_busy',
    message: 'No more pictures can be worked on at the moment. Try again in a minute.',
    isRetriable: true,
    cause,
  });
