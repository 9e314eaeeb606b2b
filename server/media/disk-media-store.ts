import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import path from 'node:path';

import { unavailable } from '../errors.ts';
import { newId } from '../ids.ts';
import { assertStorageKey, type MediaStore } from './media-store.ts';

/** On a disk that web and worker processes share. @param directory absolute; made when the first file comes */
export function createDiskMediaStore(directory: string): MediaStore {
  const pathOf = (key: string) => {
    assertStorageKey(key);
    return path.join(directory, ...key.split('/'));
  };
  const find = async (key: string) => {
    const file = pathOf(key);
    try {
      return await readWhole(file);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw unreadable(cause);
    }
  };
  return {
    async put(key, bytes) {
      const target = pathOf(key);
      // A reader sees all of it or nothing.
      const partial = `${target}.${newId('media')}`;
      try {
        const folder = path.dirname(target);
        const firstMade = await mkdir(folder, { recursive: true, mode: 0o700 });
        // `flush`, and then the folder: what was kept is on the disk, should the power fail now.
        await writeFile(partial, bytes, { mode: 0o600, flag: 'wx', flush: true });
        await rename(partial, target);
        await flushFolder(folder);
        if (!firstMade) return;
        await flushFolder(path.dirname(folder));
        await flushFolder(path.dirname(firstMade));
      } catch (cause) {
        await rm(partial, { force: true }).catch(() => {});
        throw unwritable(cause);
      }
    },
    find,
    async read(key) {
      const bytes = await find(key);
      if (bytes) return bytes;
      throw unreadable(new Error('there is no such file'));
    },
    async remove(key) {
      const target = pathOf(key);
      try {
        await rm(target, { force: true });
      } catch (cause) {
        throw unwritable(cause);
      }
    },
    // The first file makes the directory, and says what is wrong with it.
    check: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

/** What file systems, mostly of a network, answer that cannot flush a folder; the files in it are flushed by themselves. */
const NO_FLUSH: ReadonlySet<string | undefined> = new Set(['EINVAL', 'EBADF', 'ENOTSUP', 'EISDIR', 'EPERM']);

async function flushFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, constants.O_RDONLY);
    await handle.sync();
  } catch (error) {
    if (!NO_FLUSH.has((error as NodeJS.ErrnoException).code)) throw error;
  }
}

/** No link is followed: the library makes none, so one that lies there is somebody else's. */
async function readWhole(file: string): Promise<Uint8Array<ArrayBuffer>> {
  await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  return new Uint8Array(await handle.readFile());
}

function unreadable(cause: unknown) {
  return unavailable({
    code: 'media_unreadable',
    message: 'A file of the media library cannot be read.',
    cause,
  });
}

function unwritable(cause: unknown) {
  return unavailable({
    code: 'media_unwritable',
    message: 'The media library cannot be written to: the disk is full, or the server may not write there.',
    cause,
  });
}
