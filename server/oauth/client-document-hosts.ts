import { isIP } from 'node:net';

import type { Context } from '../context.ts';
import { isPublicAddress } from '../fetch.ts';

import type { DownloadDocument } from './client-document-download.ts';

/** One of each host that publishes documents of editors that many people use. */
const KNOWN_DOCUMENTS = [
  'https://vscode.dev/oauth/client-metadata.json',
  'https://claude.ai/oauth/claude-code-client-metadata',
  'https://chatgpt.com/oauth/codex/client.json',
];
/** It moved; its host still let us ask. */
const GONE = new Set([404, 410]);
const CHECK_INTERVAL_MS = 3_600_000;

export interface DocumentHostWatch {
  isOffered(): boolean;
  stop(): void;
}

/** Whether this server may use documents at all: only where an editor's own server could reach it too. */
export function mayUseDocuments(context: Pick<Context, 'config' | 'publicUrl'>): boolean {
  const { clientDocuments } = context.config;
  return clientDocuments === 'on' || (clientDocuments === 'auto' && isPublicHttps(context.publicUrl));
}

/**
 * Documents are offered where they can be read: an editor that is offered them no longer registers itself, so a host that
 * keeps this server out would keep that editor's people out. Checked at the start and every hour, beside everything else.
 */
export function watchDocumentHosts(context: Context, download: DownloadDocument): DocumentHostWatch {
  const isAlways = context.config.clientDocuments === 'on';
  if (isAlways || !mayUseDocuments(context)) return { isOffered: () => isAlways, stop() {} };
  let isReadable = false;
  const check = async () => {
    const answers = await Promise.all(KNOWN_DOCUMENTS.map(download));
    const wasReadable = isReadable;
    const isRefused = answers.some((answer) => 'problem' in answer && !GONE.has(answer.status ?? 0));
    isReadable = !isRefused && answers.some((answer) => 'body' in answer);
    if (isReadable === wasReadable) return;
    context.log.info({ isReadable }, 'whether client id metadata documents are offered has changed');
  };
  void check();
  const timer = setInterval(() => void check(), CHECK_INTERVAL_MS).unref();
  return { isOffered: () => isReadable, stop: () => clearInterval(timer) };
}

function isPublicHttps(publicUrl: string): boolean {
  const { protocol, hostname } = new URL(publicUrl);
  if (protocol !== 'https:') return false;
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host)) return isPublicAddress(host);
  return host.includes('.') && !/\.(?:local|localhost|internal|home\.arpa|lan|test)$/.test(host);
}
