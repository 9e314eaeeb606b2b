import path from 'node:path';

import type { Config } from '../config.ts';
import { createDiskMediaStore } from './disk-media-store.ts';
import type { MediaStore } from './media-store.ts';
import { createS3MediaStore } from './s3-media-store.ts';

/** Where the settings put the library: a bucket, or the data directory. */
export function openMediaStore({ dataDir, media }: Pick<Config, 'dataDir' | 'media'>): MediaStore {
  return media.s3 ? createS3MediaStore(media.s3) : createDiskMediaStore(path.join(dataDir, 'media'));
}
