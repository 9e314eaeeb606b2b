import type { Settings } from './config.ts';
import { toAsciiDomain } from './email-address.ts';
import { invalidInput } from './errors.ts';

export type CompanySettings = Readonly<{
  issuer: string;
  clientId: string;
  clientSecret: string | undefined;
  label: string;
  /** As written in DNS (lower case, IDN in its ASCII form); empty: every domain. */
  allowedDomains: readonly string[];
  scopes: string;
  /** An address without the claim email_verified counts as verified. */
  trustsEmail: boolean;
}>;

/** Tenants of Entra ID whose tokens come from anybody's directory. */
const SHARED_TENANTS = ['common', 'organizations', 'consumers'];

/** @throws AppError InvalidInput (`invalid_setting`) for settings that do not make sense together */
export function companyOf(settings: Settings): CompanySettings | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId } = settings;
  const wrong = (message: string) => invalidInput({ code: 'invalid_setting', message });
  if (!issuer || !clientId) {
    if (!issuer && !clientId && !settings.OIDC_CLIENT_SECRET && settings.OIDC_ALLOWED_DOMAINS.length === 0)
      return undefined;
    throw wrong(
      'OIDC_ISSUER and OIDC_CLIENT_ID turn company sign-in on together: set both, or no OIDC_ setting.',
    );
  }
  const { protocol, host, hostname, pathname } = new URL(issuer);
  const isNamed = settings.ALLOW_PRIVATE_HOSTS.some((name) => name === host || name === hostname);
  if (protocol === 'http:' && !isNamed) {
    throw wrong(
      `OIDC_ISSUER must begin with https://. A provider of your own network without https must be named in ALLOW_PRIVATE_HOSTS=${host}.`,
    );
  }
  if (hostname === 'login.microsoftonline.com' && SHARED_TENANTS.includes(pathname.split('/')[1]!)) {
    throw wrong('OIDC_ISSUER must name your own directory (tenant) of Entra ID, not a shared one.');
  }
  const allowedDomains = settings.OIDC_ALLOWED_DOMAINS;
  const asciiDomains = allowedDomains.map(toAsciiDomain);
  const unknown = asciiDomains.indexOf(null);
  if (unknown !== -1) {
    throw wrong(
      `OIDC_ALLOWED_DOMAINS must be domains such as example.com, comma-separated; '${allowedDomains[unknown]}' is none.`,
    );
  }
  if (settings.OIDC_TRUST_EMAIL && allowedDomains.length === 0) {
    throw wrong(
      'OIDC_TRUST_EMAIL=true needs OIDC_ALLOWED_DOMAINS: name the domains whose addresses your provider itself gives out.',
    );
  }
  return {
    issuer,
    clientId,
    clientSecret: settings.OIDC_CLIENT_SECRET,
    label: settings.OIDC_LABEL,
    allowedDomains: asciiDomains.filter((domain) => domain !== null),
    scopes: settings.OIDC_SCOPES,
    trustsEmail: settings.OIDC_TRUST_EMAIL,
  };
}
