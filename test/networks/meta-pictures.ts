import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Part, PartMedia, SentPart } from '../../server/networks/network.ts';
import { photo } from '../media/pictures.ts';

export interface PictureServer extends AsyncDisposable {
  /** Answers nothing at `/missing`, and the picture anywhere else. */
  picture(altText: string, path?: string | null): PartMedia;
}

/** A picture as a network fetches it. */
export async function startPictures(): Promise<PictureServer> {
  const bytes = new Uint8Array(await photo(640, 480));
  const server = createServer(({ url }, response) => {
    const isThere = url !== '/missing';
    response.writeHead(isThere ? 200 : 404, { 'content-type': 'image/jpeg' });
    response.end(isThere ? bytes : undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    picture: (altText, path = '/a') => ({
      ...{ mimeType: 'image/jpeg', width: 640, height: 480, byteCount: bytes.byteLength, altText },
      contentHash: createHash('sha256').update(bytes).digest('hex'),
      storageKey: 'none',
      publicUrl: path === null ? null : `${origin}${path}`,
      read: async () => bytes,
    }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function makePart(change: Partial<Part> & { earlier?: readonly SentPart[] } = {}): Part {
  return {
    ...{ deliveryId: 'delivery', partNo: 1, text: 'A quay at dawn', key: 'key', frozenAt: new Date() },
    ...{ media: [], prepared: undefined, earlier: [], ...change },
  };
}
