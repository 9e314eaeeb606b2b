import { createHash } from 'node:crypto';

/** Under which the connections of one client stand together on the page Connections. */
export function groupIdOf(clientName: string, redirectHost: string): string {
  return `grp_${createHash('md5').update(`${clientName}\n${redirectHost}`).digest('hex')}`;
}
