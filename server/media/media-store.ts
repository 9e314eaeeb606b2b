/**
 * Where files of the media library lie: keys as `storageKeyOf` makes them, never a name of a person's. Web and worker
 * processes share it.
 */
export interface MediaStore {
  /**
   * The same key with the same bytes again changes nothing.
   * @param timeoutMs what a store on the network may take in all; inside a transaction it must be less than that may
   * @throws AppError Unavailable (`media_unwritable`)
   */
  put(key: string, bytes: Uint8Array, mimeType: string, timeoutMs?: number): Promise<void>;
  /** @throws AppError Unavailable (`media_unreadable`) when it is not there or cannot be read */
  read(key: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Null when it is not there. @throws AppError Unavailable (`media_unreadable`) */
  find(key: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** A key that is not there counts as removed. @throws AppError Unavailable (`media_unwritable`) */
  remove(key: string): Promise<void>;
  /** @throws AppError InvalidInput (`invalid_setting`) for settings that cannot work; Unavailable when nothing answers */
  check(): Promise<void>;
  close(): Promise<void>;
}

const KEY = /^team_[0-9a-f]{32}\/[0-9a-f]{64}(-thumbnail)?$/;

/** What else is asked for under a key that we did not make is a bug, and touches nothing. */
export function assertStorageKey(key: string): void {
  if (!KEY.test(key)) throw new Error('this is not the key of a file of the media library');
}
