/** Where files of the media library lie. Keys are made by us, begin with the team's id and never hold a name of a person's. */
export interface MediaStore {
  /** The same key with the same bytes again changes nothing. */
  put(key: string, bytes: Uint8Array, mimeType: string): Promise<void>;
  /** @throws AppError Unavailable (`media_unreadable`) when it is not there or cannot be read */
  read(key: string): Promise<Uint8Array<ArrayBuffer>>;
  /** A key that is not there counts as removed. */
  remove(key: string): Promise<void>;
}
