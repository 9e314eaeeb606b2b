import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { unavailable } from '../errors.ts';
import { newId } from '../ids.ts';
import type { MediaStore } from './media-store.ts';

/** @param directory absolute; made when the first file comes */
export function createDiskMediaStore(directory: string): MediaStore {
  const pathOf = (key: string) => path.join(directory, ...key.split('/'));
  return {
    async put(key, bytes) {
      const target = pathOf(key);
      await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
      // A reader sees all of it or nothing.
      const partial = `${target}.${newId('media')}`;
      await writeFile(partial, bytes, { mode: 0o600 });
      await rename(partial, target);
    },
    async read(key) {
      try {
        return new Uint8Array(await readFile(pathOf(key)));
      } catch (cause) {
        throw unavailable({
          code: 'media_unreadable',
          message: 'A file of the media library cannot be read.',
          cause,
        });
      }
    },
    async remove(key) {
      await rm(pathOf(key), { force: true });
    },
  };
}
