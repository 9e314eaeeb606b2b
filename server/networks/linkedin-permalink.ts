import type { SentPart } from './network.ts';

const HOSTS = new Set(['www.linkedin.com', 'linkedin.com']);
const UPDATE = /^\/feed\/update\/(urn:li:(?:share|ugcPost|activity):\d{1,30})\/?$/;
/** `/posts/name_first-words-of-it-share-7141138937766391808-ab1C`: the id stands before the last word. */
const POST = /^\/posts\/[^/]{1,300}-(share|ugcPost|activity)-(\d{1,30})-[\w-]{1,20}\/?$/;

/** The address does not say whose post it is; that a person has seen. An activity's number is not that of its post. */
export function readLinkedinPermalink({ host, pathname }: URL): SentPart | null {
  if (!HOSTS.has(host)) return null;
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  const [, kind, number] = POST.exec(path) ?? [];
  const urn = UPDATE.exec(path)?.[1] ?? (kind && `urn:li:${kind}:${number}`);
  return urn ? { remoteId: urn, remoteUrl: urlOfPost(urn) } : null;
}

export function urlOfPost(urn: string): string {
  return `https://www.linkedin.com/feed/update/${urn}/`;
}
