import { z } from 'zod';

import { callMeta, type MetaSession } from './meta-call.ts';
import type { SentPart } from './network.ts';

const TIMEOUT_MS = 4_000;

const answer = z.object({ permalink: z.string().optional() });

/** The address of a post that is published already: where it cannot be read now, nothing has failed. */
export async function readOwnPermalink(session: MetaSession, id: string): Promise<string | undefined> {
  const call = { method: 'GET', path: id, query: { fields: 'permalink' }, timeoutMs: TIMEOUT_MS } as const;
  return callMeta(session, call, answer).then(
    ({ permalink }) => permalink,
    () => undefined,
  );
}

/** @param fallback where its address is not told, or leads elsewhere: that of the account */
export function toMetaPart(
  id: string,
  permalink: string | undefined,
  { hosts, fallback }: { hosts: ReadonlySet<string>; fallback: string },
): SentPart {
  const url = permalink !== undefined && URL.canParse(permalink) ? new URL(permalink) : undefined;
  const isTheirs = url?.protocol === 'https:' && hosts.has(url.hostname);
  return { remoteId: id, remoteUrl: isTheirs ? url.href : fallback };
}
