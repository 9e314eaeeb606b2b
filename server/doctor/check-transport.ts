import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

import { ask } from './probe.ts';
import { describeError, type Report } from './report.ts';

const AREA = 'Transport';
const DAY_MS = 86_400_000;
const PATIENCE_MS = 10_000;
const SOON_DAYS = 14;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** https with a certificate that clients accept; plain http on this machine only. */
export async function checkTransport(report: Report, mcpUrl: string): Promise<void> {
  const url = new URL(mcpUrl);
  if (url.protocol === 'http:') {
    report.check({
      area: AREA,
      what: LOOPBACK.includes(url.hostname) ? 'http is fine on this machine' : 'it is reached by https',
      problem: LOOPBACK.includes(url.hostname) ? null : 'http',
      advice: 'Put a proxy with a certificate in front; clients and browsers refuse http elsewhere.',
    });
    return;
  }
  const certificate = await readCertificate(url);
  report.check({
    area: AREA,
    what: 'the certificate is one that clients accept',
    problem: certificate.problem,
    advice:
      'Install the whole chain of a certificate for this name; Caddy in docker-compose.yml does it by itself.',
  });
  if (certificate.validTo) {
    report.check({
      area: AREA,
      what: `the certificate is good for ${SOON_DAYS} days and more`,
      problem: findExpiry(certificate.validTo, Date.now()),
      advice: 'Renew it, and see why it was not renewed by itself.',
      severity: 'warn',
    });
  }
  await checkRedirect(report, url);
}

/** @returns the problem, or null while more than two weeks are left */
export function findExpiry(validTo: string, nowMs: number): string | null {
  const days = Math.floor((Date.parse(validTo) - nowMs) / DAY_MS);
  if (days < 0) return `it ended on ${validTo}`;
  return days < SOON_DAYS ? `it ends in ${days} days` : null;
}

async function readCertificate(url: URL): Promise<{ problem: string | null; validTo?: string }> {
  // Without refusing, so that the reason can be told.
  const socket: TLSSocket = connect({
    host: url.hostname,
    port: Number(url.port || 443),
    servername: url.hostname,
    rejectUnauthorized: false,
  });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(PATIENCE_MS) });
    const { valid_to: validTo } = socket.getPeerCertificate();
    return { problem: socket.authorized ? null : String(socket.authorizationError), validTo };
  } catch (error) {
    return { problem: describeError(error) };
  } finally {
    socket.destroy();
  }
}

/** People type addresses without https. */
async function checkRedirect(report: Report, url: URL): Promise<void> {
  if (url.port) return;
  const answer = await ask(`http://${url.host}/`).catch(() => null);
  const isSecure = answer === null || answer.header('location').startsWith('https://');
  report.check({
    area: AREA,
    what: 'plain http leads to https, or nowhere',
    problem: isSecure ? null : `http answers with status ${answer.status}`,
    advice: 'Let the proxy redirect http to https; a token must never go over http.',
    severity: 'warn',
  });
}
