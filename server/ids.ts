import { randomBytes } from 'node:crypto';

const PREFIXES = {
  person: 'per',
  team: 'team',
  connection: 'con',
  channel: 'chn',
  campaign: 'cmp',
  post: 'pst',
  approval: 'apr',
  delivery: 'dlv',
  activity: 'act',
  playgroundPost: 'pgp',
  signingKey: 'key',
  policyRule: 'rul',
  clientEvent: 'evt',
  invitation: 'inv',
  media: 'med',
  approvalRequest: 'apq',
  channelLink: 'lnk',
  killSwitch: 'ksw',
  notice: 'not',
  webhook: 'whk',
} as const;

export type IdKind = keyof typeof PREFIXES;

/** A prefix and a UUIDv7 (RFC 9562, section 5.7) as 32 hex digits: ids of one kind sort by the time they were made. */
export function newId(kind: IdKind): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return `${PREFIXES[kind]}_${bytes.toString('hex')}`;
}

/** Matches an id of this kind as `newId` makes it. */
export function idPattern(kind: IdKind): RegExp {
  return new RegExp(`^${PREFIXES[kind]}_[0-9a-f]{32}$`);
}
