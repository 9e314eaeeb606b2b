// Uploads: https://docs.x.com/x-api/media (checked 2026-11-21): in one call, or begun, appended to and finished; kept for a day.
import type { FakeClock } from '../fake-server.ts';
import { badMedia, forbidden, invalidRequest, notFound, tooLarge } from './x-problems.ts';

const LIFETIME_SECONDS = 86_400;
const MAX_CHUNK_BYTES = 5 * 1024 * 1024;
const MAX_BYTES: Readonly<Record<string, number>> = {
  tweet_image: 5 * 1024 * 1024,
  tweet_gif: 15 * 1024 * 1024,
  tweet_video: 512 * 1024 * 1024,
  amplify_video: 512 * 1024 * 1024,
};
/** What these bytes begin with. */
const SIGNATURES: readonly [type: string, hex: string][] = [
  ['image/jpeg', 'ffd8ff'],
  ['image/png', '89504e47'],
  ['image/gif', '47494638'],
  ['image/webp', '52494646'],
];

export type ProcessingState = 'pending' | 'in_progress' | 'succeeded' | 'failed';

interface Upload {
  id: string;
  ownerId: string;
  category: string;
  totalBytes: number;
  segments: Map<number, Buffer>;
  state: 'open' | 'closed';
  bytes: Buffer;
  /** Null: it needs none. */
  processing: { states: ProcessingState[]; checkAt: number } | null;
  expiresAt: number;
  altText: string;
}

export interface FakeXPictures {
  upload(ownerId: string, body: Record<string, unknown>, bytes: Buffer): object;
  initialize(ownerId: string, body: Record<string, unknown>): object;
  append(ownerId: string, id: string, body: Record<string, unknown>, bytes: Buffer): object;
  finalize(ownerId: string, id: string): object;
  status(ownerId: string, id: string): object;
  describe(ownerId: string, body: Record<string, unknown>): object;
  /** What a post shows. @throws XRefusal */
  attach(ownerId: string, ids: readonly string[]): { altText: string; byteCount: number; key: string }[];
  /** X works on the next upload: the state after each call that asks for it, then as the last. */
  processNext(states: readonly ProcessingState[]): void;
  /** Calls that asked for a state before they were told to. */
  earlyPolls(): number;
}

const CHECK_AFTER_SECONDS = 1;

export function keepXPictures(clock: () => FakeClock, newId: () => string): FakeXPictures {
  const uploads = new Map<string, Upload>();
  let nextStates: ProcessingState[] | null = null;
  let earlyPolls = 0;
  const seconds = () => clock().now().getTime() / 1000;

  const open = (ownerId: string, category: string, totalBytes: number): Upload => {
    const upload: Upload = {
      id: newId(),
      ownerId,
      category,
      totalBytes,
      segments: new Map(),
      state: 'open',
      bytes: Buffer.alloc(0),
      processing: null,
      expiresAt: seconds() + LIFETIME_SECONDS,
      altText: '',
    };
    uploads.set(upload.id, upload);
    return upload;
  };
  const close = (upload: Upload, bytes: Buffer) => {
    const type = SIGNATURES.find(([, hex]) => bytes.toString('hex').startsWith(hex))?.[0];
    if (upload.category === 'tweet_image' && !type) throw invalidRequest(['media type unrecognized.']);
    upload.bytes = bytes;
    upload.state = 'closed';
    const isSlow = upload.category === 'tweet_gif' || upload.category === 'tweet_video';
    const states = nextStates ?? (isSlow ? (['pending', 'in_progress', 'succeeded'] as const) : null);
    nextStates = null;
    if (states) upload.processing = { states: [...states], checkAt: seconds() + CHECK_AFTER_SECONDS };
  };
  const find = (ownerId: string, id: string): Upload => {
    const upload = uploads.get(id);
    if (!upload || upload.expiresAt <= seconds()) throw notFound('media', id);
    if (upload.ownerId !== ownerId) throw forbidden();
    return upload;
  };
  const shown = (upload: Upload) => ({
    id: upload.id,
    media_key: keyOf(upload),
    size: upload.bytes.length,
    expires_after_secs: Math.max(0, Math.round(upload.expiresAt - seconds())),
    ...(upload.processing && {
      processing_info: {
        state: upload.processing.states[0]!,
        ...(isUnderWay(upload) && { check_after_secs: CHECK_AFTER_SECONDS }),
        progress_percent: isUnderWay(upload) ? 10 : 100,
      },
    }),
  });

  return {
    upload(ownerId, { media_category: category }, bytes) {
      if (bytes.length > (MAX_BYTES[String(category)] ?? 0)) throw tooLarge();
      const upload = open(ownerId, String(category), bytes.length);
      close(upload, bytes);
      return shown(upload);
    },
    initialize(ownerId, { media_category: category, total_bytes: total, media_type: type }) {
      const messages = Object.entries({ category, total, type }).flatMap(([name, value]) =>
        value === undefined ? [`${name} is missing.`] : [],
      );
      if (messages.length > 0) throw invalidRequest(messages);
      const max = MAX_BYTES[String(category)] ?? 0;
      if (Number(total) < 1 || Number(total) > max) throw invalidRequest(['total_bytes is out of bounds.']);
      const { id, expiresAt, ...rest } = open(ownerId, String(category), Number(total));
      return { id, media_key: keyOf({ id, ...rest }), expires_after_secs: Math.round(expiresAt - seconds()) };
    },
    append(ownerId, id, { segment_index: index }, bytes) {
      const upload = find(ownerId, id);
      if (upload.state !== 'open') throw invalidRequest(['The upload is finished.']);
      if (bytes.length > MAX_CHUNK_BYTES) throw tooLarge();
      upload.segments.set(Number(index), bytes);
      return { expires_at: Math.round(upload.expiresAt) };
    },
    finalize(ownerId, id) {
      const upload = find(ownerId, id);
      if (upload.state !== 'open') throw invalidRequest(['The upload is finished.']);
      const indexes = [...upload.segments.keys()].toSorted((one, other) => one - other);
      const bytes = Buffer.concat(indexes.map((index) => upload.segments.get(index)!));
      if (indexes.some((index, at) => index !== at)) throw invalidRequest(['A segment is missing.']);
      if (bytes.length !== upload.totalBytes) throw invalidRequest(['The segments are not total_bytes.']);
      close(upload, bytes);
      return shown(upload);
    },
    status(ownerId, id) {
      const upload = find(ownerId, id);
      const { processing } = upload;
      if (processing && isUnderWay(upload)) {
        if (seconds() < processing.checkAt) earlyPolls += 1;
        processing.states.shift();
        processing.checkAt = seconds() + CHECK_AFTER_SECONDS;
      }
      return shown(upload);
    },
    describe(ownerId, { id, metadata }) {
      const upload = find(ownerId, String(id));
      upload.altText = (metadata as { alt_text?: { text: string } } | undefined)?.alt_text?.text ?? '';
      return { id: upload.id, associated_metadata: metadata ?? {} };
    },
    attach(ownerId, ids) {
      const found = ids.map((id) => {
        const upload = uploads.get(id);
        const isUsable = upload?.state === 'closed' && upload.expiresAt > seconds();
        if (!isUsable || upload.ownerId !== ownerId) throw badMedia();
        if ((upload.processing?.states[0] ?? 'succeeded') !== 'succeeded') throw badMedia();
        return upload;
      });
      const isMixed = found.length > 1 && found.some(({ category }) => category !== 'tweet_image');
      if (isMixed || new Set(ids).size < ids.length) throw badMedia();
      return found.map((upload) => ({
        altText: upload.altText,
        byteCount: upload.bytes.length,
        key: keyOf(upload),
      }));
    },
    processNext: (states) => {
      nextStates = [...states];
    },
    earlyPolls: () => earlyPolls,
  };
}

const keyOf = ({ id, category }: Pick<Upload, 'id' | 'category'>) =>
  `${category === 'tweet_image' ? 3 : 7}_${id}`;

function isUnderWay({ processing }: Upload): boolean {
  return processing !== null && processing.states.length > 1;
}
