import { domainToASCII } from 'node:url';

import { z } from 'zod';

const emailSchema = z.email().max(254);
const asciiDomain = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/;
/** What an IDN may be written in; the rest (percent, port, brackets) the URL parser would read in its own way. */
const plainDomain = /^[\p{L}\p{M}\p{N}.-]+$/u;

/** The domain as it stands in DNS: lower case, an IDN in its ASCII form (UTS 46). Null for what is none. */
export function toAsciiDomain(domain: string): string | null {
  if (!plainDomain.test(domain)) return null;
  const ascii = domainToASCII(domain).toLowerCase();
  return asciiDomain.test(ascii) ? ascii : null;
}

/**
 * An address as it is stored and compared: lower case, its domain as in DNS. Null for what is none. Only plain addresses
 * are: no quotes, no comments, nothing outside ASCII before the @ (lower-casing would turn some of that into letters).
 */
export function canonicalEmail(email: string): string | null {
  const trimmed = email.trim();
  const at = trimmed.lastIndexOf('@');
  const local = trimmed.slice(0, at);
  const domain = toAsciiDomain(trimmed.slice(at + 1));
  if (at < 1 || !domain || /[^\x21-\x7e]/.test(local)) return null;
  const parsed = emailSchema.safeParse(`${local.toLowerCase()}@${domain}`);
  return parsed.success ? parsed.data : null;
}

/** Of an address as `canonicalEmail` writes it: is its domain exactly one of these? An empty list allows every domain. */
export function isDomainAllowed(email: string, domains: readonly string[]): boolean {
  return domains.length === 0 || domains.includes(email.slice(email.lastIndexOf('@') + 1));
}
