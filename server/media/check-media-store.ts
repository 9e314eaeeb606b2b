import type { Context } from '../context.ts';
import { isAppError } from '../errors.ts';

/**
 * Tries the media library out at the start. What only the operator can correct stops the start; a server that does not
 * answer just now is logged, for everything but pictures works without it.
 * @throws AppError InvalidInput (`invalid_setting`) naming the S3 setting that is wrong
 */
export async function checkMediaStore({
  mediaStore,
  log,
}: Pick<Context, 'mediaStore' | 'log'>): Promise<void> {
  try {
    await mediaStore.check();
  } catch (error) {
    if (!isAppError(error, 'Unavailable')) throw error;
    log.error({ err: error }, error.message);
  }
}
