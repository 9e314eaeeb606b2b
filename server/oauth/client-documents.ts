import { errors } from 'oidc-provider';

import type { Context } from '../context.ts';
import { addressKey } from '../http/address-key.ts';

import { createDownload } from './client-document-download.ts';
import { findDocument, storeDocument, storeFailure } from './client-document-store.ts';
import { isDocumentId } from './client-document.ts';
import { mayUseDocuments, watchDocumentHosts } from './client-document-hosts.ts';
import { openRateLimit } from './rate-limit.ts';

const HOUR_SECONDS = 3600;
/** Who sends people to /authorize with addresses of their own choice makes this server call them. */
const PER_ADDRESS_PER_HOUR = 60;
/** A host may have a document per person (ChatGPT has one per connector). */
const PER_HOST_PER_HOUR = 600;
const PER_SERVER_PER_HOUR = 3000;
/** How long a process trusts its own copy before it asks the database. */
export const OWN_COPY_SECONDS = { min: 30, max: 300 } as const;

/** What is served: the body, and for how long it need not be asked for again. */
export type DocumentAnswer = { body: string; restSeconds: number } | { problem: string };

/**
 * Client ID Metadata Documents: fetched rarely, kept for all processes, and served from the last good copy when their
 * host does not answer, because a refresh must not die of a host that blocks us.
 */
export interface ClientDocuments extends Disposable {
  /** Whether documents are used at all; never changes. */
  isEnabled: boolean;
  /** Whether clients are told so, and new ones are accepted. Those that are known already go on without it. */
  isOffered(): boolean;
  /** @throws errors.InvalidClient with what is wrong with the document */
  ensureReadable(clientId: string, address: string | undefined): Promise<void>;
  /** Stands in for the library's own fetch, for documents and for the key sets that they name. */
  fetch(url: string): Promise<Response>;
}

export function createClientDocuments(context: Context): ClientDocuments {
  const download = createDownload(context);
  const underWay = new Map<string, Promise<DocumentAnswer>>();
  const perAddress = openRateLimit(context, 'document_address', hourly(PER_ADDRESS_PER_HOUR));
  const perHost = openRateLimit(context, 'document_host', hourly(PER_HOST_PER_HOUR));
  const perServer = openRateLimit(context, 'document_server', hourly(PER_SERVER_PER_HOUR));

  async function isTooOften(url: string, address: string | undefined): Promise<boolean> {
    if (address !== undefined && (await perAddress.count(addressKey(address))) > 0) return true;
    if ((await perHost.count(new URL(url).host)) > 0) return true;
    return (await perServer.count('all')) > 0;
  }

  async function renew(url: string, address: string | undefined): Promise<DocumentAnswer> {
    const fetched = await download(url);
    const event = { clientId: url, address };
    if ('problem' in fetched) {
      await storeFailure(context, { url, problem: fetched.problem });
      context.clientEvents.record({ kind: 'document_failed', ...event, reason: fetched.problem });
      context.log.info({ url, problem: fetched.problem }, 'a client document could not be read');
      return { problem: fetched.problem };
    }
    const { body, keepSeconds } = fetched;
    await storeDocument(context, { url, body, keepSeconds });
    context.clientEvents.record({ kind: 'document_read', ...event });
    return { body, restSeconds: keepSeconds };
  }

  async function readAnew(url: string, address: string | undefined): Promise<DocumentAnswer> {
    const stored = await findDocument(context, url);
    const lastGood = stored?.body ? { body: stored.body, restSeconds: stored.restSeconds } : null;
    if (stored && stored.restSeconds > 0) return lastGood ?? { problem: stored.problem ?? 'it is not there' };
    if (await isTooOften(url, address)) return lastGood ?? { problem: 'too many documents were asked for' };
    const renewed = await renew(url, address);
    return 'problem' in renewed ? (lastGood ?? renewed) : renewed;
  }

  /** Whoever asks while another does gets the same answer. */
  function read(url: string, address?: string): Promise<DocumentAnswer> {
    const reading = underWay.get(url) ?? readAnew(url, address).finally(() => underWay.delete(url));
    underWay.set(url, reading);
    return reading;
  }

  const watch = watchDocumentHosts(context, download);
  return {
    isEnabled: mayUseDocuments(context),
    isOffered: watch.isOffered,
    async ensureReadable(clientId, address) {
      if (!isDocumentId(clientId)) throw refusal('its address is too long');
      if (!watch.isOffered() && !(await findDocument(context, clientId))?.body) {
        throw refusal('this server reads no documents of new clients; register instead');
      }
      const found = await read(clientId, address);
      if ('problem' in found) throw refusal(found.problem);
    },
    async fetch(url) {
      const found = await read(url);
      if ('problem' in found) return new Response(null, { status: 502 });
      const seconds = Math.floor(found.restSeconds);
      return new Response(found.body, { headers: { 'cache-control': `max-age=${seconds}` } });
    },
    [Symbol.dispose]: watch.stop,
  };
}

function refusal(problem: string): Error {
  return new errors.InvalidClient(`the document of this client cannot be used: ${problem}`);
}

function hourly(points: number) {
  return { points, seconds: HOUR_SECONDS };
}
