import type { Context } from '../context.ts';

interface ChannelKey {
  teamId: string;
  channelId: string;
}

/** Sealed for this team and channel: the bytes open in no other row. */
export function sealCredentials(
  context: Pick<Context, 'seal'>,
  key: ChannelKey,
  credentials: string,
): Uint8Array<ArrayBuffer> {
  return context.seal.seal(credentials, purposeOf(key));
}

/** @throws AppError Unavailable (`unsealable`) */
export function openCredentials(
  context: Pick<Context, 'seal'>,
  key: ChannelKey,
  sealed: Uint8Array | null,
): string | undefined {
  return sealed ? context.seal.unseal(sealed, purposeOf(key)) : undefined;
}

const purposeOf = ({ teamId, channelId }: ChannelKey) => `channel:${teamId}:${channelId}`;
