// Containers, as https://developers.facebook.com/documentation/threads/troubleshooting describes their states: they fetch what
// they are made of by themselves, live for a day, and are published once.
import type { FakeClock } from '../fake-server.ts';

const LIFETIME_MS = 24 * 3600_000;
const MAX_BYTES = 8 * 1024 * 1024;

export type ContainerState = 'IN_PROGRESS' | 'FINISHED' | 'PUBLISHED' | 'ERROR' | 'EXPIRED';

export interface FetchedPicture {
  byteCount: number;
  mimeType: string;
  altText: string;
}

export interface Container {
  id: string;
  accountId: string;
  text: string;
  replyTo: string | null;
  isCarouselItem: boolean;
  pictures: FetchedPicture[];
  madeAt: Date;
  /** When it is done with its pictures. */
  readyAt: Date;
  error: string | null;
  publishedAs: string | null;
}

export function stateOf(container: Container, now: Date): ContainerState {
  if (container.publishedAs !== null) return 'PUBLISHED';
  if (container.error !== null) return 'ERROR';
  if (now.getTime() >= container.madeAt.getTime() + LIFETIME_MS) return 'EXPIRED';
  return now < container.readyAt ? 'IN_PROGRESS' : 'FINISHED';
}

export function newContainer(
  made: Pick<Container, 'id' | 'accountId' | 'text' | 'replyTo' | 'isCarouselItem' | 'pictures'>,
  clock: Pick<FakeClock, 'now'>,
  processingSeconds: number,
): Container {
  const madeAt = clock.now();
  return {
    ...made,
    madeAt,
    readyAt: new Date(madeAt.getTime() + processingSeconds * 1000),
    error: null,
    publishedAs: null,
  };
}

/**
 * As a stranger on the internet fetches it: no cookies, no redirects, nothing of ours.
 * @returns a word for why not
 */
export async function fetchPicture(
  address: string | null,
  altText: string,
  mimeTypes: readonly string[],
): Promise<FetchedPicture | string> {
  if (!address || !URL.canParse(address)) return 'INVALID_URL';
  const response = await fetch(address, { redirect: 'manual', credentials: 'omit' }).catch(() => null);
  if (response?.status !== 200) return 'FAILED_DOWNLOADING_IMAGE';
  if (response.headers.has('set-cookie')) return 'SETS_COOKIES';
  const mimeType = response.headers.get('content-type') ?? '';
  if (!mimeTypes.includes(mimeType)) return 'INVALID_FORMAT';
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.byteLength > MAX_BYTES) return 'TOO_LARGE';
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  const isPng = bytes[0] === 0x89 && bytes[1] === 0x50;
  if (!(mimeType === 'image/jpeg' ? isJpeg : isPng)) return 'INVALID_FORMAT';
  return { byteCount: bytes.byteLength, mimeType, altText };
}
