import { isIP } from 'node:net';
import { timingSafeEqual } from 'node:crypto';

import type { Context } from '../context.ts';
import { isNamed, isPublicAddress } from '../fetch.ts';

export const PUBLIC_MEDIA_PREFIX = '/m/';
/** Networks fetch a picture when they are told of it, or within minutes. */
const LIFETIME_SECONDS = 3600;
const PURPOSE = 'public media';
const TOKEN = /^([A-Za-z0-9_-]{20,400})\.([A-Za-z0-9_-]{43})$/;
/** Names that only a local network knows (RFC 6761, 6762, 8375). */
const LOCAL_ENDINGS = /(^|\.)(localhost|local|internal|home\.arpa|test|invalid|example|lan)$/;

/** One picture as one channel gets it. */
export interface PublicPlace {
  teamId: string;
  postId: string;
  rev: number;
  channelId: string;
  position: number;
}

export interface PublicPicture {
  mimeType: string;
  storageKey: string;
}

/**
 * Whether a network could fetch a picture from this server: https on a public host. Hosts that the operator allows in
 * ALLOW_PRIVATE_HOSTS count too, since whoever runs the networks' stand-ins there can reach them.
 */
export function isPubliclyReachable({ publicUrl, config }: Pick<Context, 'publicUrl' | 'config'>): boolean {
  const url = new URL(publicUrl);
  if (isNamed(url, new Set(config.allowPrivateHosts.map((host) => host.toLowerCase())))) return true;
  if (url.protocol !== 'https:') return false;
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return isIP(host) ? isPublicAddress(host) : host.includes('.') && !LOCAL_ENDINGS.test(host);
}

/**
 * Where a network fetches a picture by itself: good for an hour by PostgreSQL's clock, for whoever has it, and for nothing
 * else. Null where this server has no public address.
 */
export async function newPublicAddresses(context: Context): Promise<(place: PublicPlace) => string | null> {
  if (!isPubliclyReachable(context)) return () => null;
  const [clock] = await context.db.$queryRaw<{ endsAt: number }[]>`
    select floor(extract(epoch from clock_timestamp()))::float8 + ${LIFETIME_SECONDS} as "endsAt"`;
  return ({ teamId, postId, rev, channelId, position }) => {
    const place = [teamId, postId, rev, channelId, position, clock!.endsAt];
    const claim = Buffer.from(JSON.stringify(place)).toString('base64url');
    return `${context.publicUrl}${PUBLIC_MEDIA_PREFIX}${claim}.${sign(context, claim)}`;
  };
}

/** Null: not an address that this server made, or its hour is over, or the picture is gone. */
export async function findPublicPicture(context: Context, token: string): Promise<PublicPicture | null> {
  const [, claim, signature] = TOKEN.exec(token) ?? [];
  if (!claim || !signature || !isSame(signature, sign(context, claim))) return null;
  const [teamId, postId, rev, channelId, position, endsAt] = JSON.parse(
    Buffer.from(claim, 'base64url').toString(),
  ) as [string, string, number, string, number, number];
  const [picture] = await context.db.$queryRaw<PublicPicture[]>`
    select mime_type as "mimeType", storage_key as "storageKey" from rendition
    where team_id = ${teamId} and post_id = ${postId} and rev = ${rev} and channel_id = ${channelId}
      and position = ${position} and clock_timestamp() < to_timestamp(${endsAt}::float8)`;
  return picture ?? null;
}

function sign(context: Context, claim: string): string {
  return context.seal.authenticate(claim, PURPOSE).toString('base64url');
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
