import { unavailable } from '../errors.ts';

/** How many files are on their way into memory at once, so that many slow senders do not fill it. */
export interface FileSlots {
  /**
   * @param key whose files they are
   * @returns what gives the slot back
   * @throws AppError Unavailable (`too_many_at_once`)
   */
  take(key: string): () => void;
}

const MAX_PER_KEY = 8;
const MAX_IN_ALL = 24;

export function createFileSlots(): FileSlots {
  const taken = new Map<string, number>();
  let inAll = 0;
  const add = (key: string, step: 1 | -1): void => {
    const left = (taken.get(key) ?? 0) + step;
    if (left === 0) taken.delete(key);
    else taken.set(key, left);
    inAll += step;
  };
  return {
    take(key) {
      if (inAll >= MAX_IN_ALL || (taken.get(key) ?? 0) >= MAX_PER_KEY) {
        throw unavailable({
          code: 'too_many_at_once',
          message: 'Too many files are on their way at this moment. Try again when one of them has ended.',
        });
      }
      add(key, 1);
      return () => add(key, -1);
    },
  };
}
