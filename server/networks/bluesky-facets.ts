import { z } from 'zod';

import type { GuardedFetch } from '../fetch.ts';
import { did } from './bluesky-session.ts';
import { callXrpc } from './bluesky-xrpc.ts';
import type { MarkedRun } from './mark-text.ts';
import { NetworkError } from './network-error.ts';

const resolved = z.object({ did: z.string() });
/** Every mention, link, hashtag and cashtag has one of these in it. */
const MAY_HAVE_FACETS = /[@.:#＃$]/;
const MENTION = 'app.bsky.richtext.facet#mention';

interface FacetLookup {
  serviceUrl: string;
  fetch: GuardedFetch;
  signal: AbortSignal;
}

/**
 * Links, hashtags and mentions of a text as app.bsky.richtext.facet (byte offsets). A mention of nobody stays plain text.
 * @throws NetworkError when a handle could not be looked up for another reason; trying again may help
 */
export async function findBlueskyFacets(text: string, lookup: FacetLookup): Promise<unknown[]> {
  if (!MAY_HAVE_FACETS.test(text)) return [];
  const richText = await detectFacets(text);
  const facets: unknown[] = [];
  for (const { index, features } of richText.facets ?? []) {
    const usable: unknown[] = [];
    for (const feature of features) {
      if (feature.$type !== MENTION || !('did' in feature)) usable.push(feature);
      else {
        // Until it is resolved, the library keeps the handle where the DID goes.
        const account = await resolveHandle(feature.did, lookup);
        if (account) usable.push({ $type: MENTION, did: account });
      }
    }
    if (usable.length > 0) {
      const { byteStart, byteEnd } = index;
      facets.push({ index: { byteStart, byteEnd }, features: usable });
    }
  }
  return facets;
}

/** The text in runs, as its facets would be; whether a mentioned account exists is not asked. */
export async function markBlueskyText(text: string): Promise<MarkedRun[]> {
  if (!MAY_HAVE_FACETS.test(text)) return text === '' ? [] : [{ kind: 'text', text }];
  const runs: MarkedRun[] = [];
  for (const segment of (await detectFacets(text)).segments()) {
    const kind = segment.isLink() ? 'link' : segment.isMention() ? 'mention' : 'hashtag';
    runs.push({ kind: segment.facet ? kind : 'text', text: segment.text });
  }
  return runs;
}

async function detectFacets(text: string) {
  // 70 MB and a quarter of a second: only a process that needs it pays for it.
  const { RichText } = await import('@atproto/api');
  const richText = new RichText({ text });
  richText.detectFacetsWithoutResolution();
  return richText;
}

async function resolveHandle(
  handle: string,
  { serviceUrl, fetch, signal }: FacetLookup,
): Promise<string | null> {
  try {
    const nsid = 'com.atproto.identity.resolveHandle';
    const answer = await callXrpc(
      fetch,
      { serviceUrl, method: 'GET', nsid, query: { handle }, signal },
      resolved,
    );
    return did.safeParse(answer.did).data ?? null;
  } catch (error) {
    if (error instanceof NetworkError && error.kind === 'rejected') return null;
    throw error;
  }
}
