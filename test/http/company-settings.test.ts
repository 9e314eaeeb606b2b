import { describe, expect, it } from 'vitest';

import { readConfig } from '../../server/config.ts';
import { canonicalEmail, isDomainAllowed, toAsciiDomain } from '../../server/email-address.ts';

const GIVEN = { OIDC_ISSUER: 'https://login.example.com/realms/staff', OIDC_CLIENT_ID: 'grantcast' };

describe('the settings of company sign-in', () => {
  it('are off when none is given, and have defaults', () => {
    expect(readConfig({}).company).toBeUndefined();
    expect(readConfig(GIVEN).company).toEqual({
      issuer: 'https://login.example.com/realms/staff',
      clientId: 'grantcast',
      clientSecret: undefined,
      label: 'company account',
      allowedDomains: [],
      scopes: 'openid email profile',
      trustsEmail: false,
    });
  });

  it('write domains as they stand in DNS', () => {
    const { company } = readConfig({ ...GIVEN, OIDC_ALLOWED_DOMAINS: 'Example.com, bücher.example ,' });
    expect(company?.allowedDomains).toEqual(['example.com', 'xn--bcher-kva.example']);
  });

  it.each([
    [{ OIDC_ISSUER: GIVEN.OIDC_ISSUER }, 'set both'],
    [{ OIDC_CLIENT_ID: 'x' }, 'set both'],
    [{ OIDC_CLIENT_SECRET: 'x' }, 'set both'],
    [{ OIDC_ALLOWED_DOMAINS: 'example.com' }, 'set both'],
    [{ ...GIVEN, OIDC_ISSUER: 'http://login.example.com' }, 'ALLOW_PRIVATE_HOSTS=login.example.com'],
    [{ ...GIVEN, OIDC_ISSUER: 'login.example.com' }, 'OIDC_ISSUER'],
    [{ ...GIVEN, OIDC_ISSUER: 'https://login.microsoftonline.com/common/v2.0' }, 'your own directory'],
    [{ ...GIVEN, OIDC_ISSUER: 'https://login.microsoftonline.com/organizations/v2.0' }, 'your own directory'],
    [{ ...GIVEN, OIDC_SCOPES: 'email profile' }, 'openid'],
    [{ ...GIVEN, OIDC_ALLOWED_DOMAINS: 'example.com,@evil' }, "'@evil' is none"],
    [{ ...GIVEN, OIDC_ALLOWED_DOMAINS: '*.example.com' }, 'is none'],
    [{ ...GIVEN, OIDC_TRUST_EMAIL: 'true' }, 'needs OIDC_ALLOWED_DOMAINS'],
    [{ ...GIVEN, OIDC_TRUST_EMAIL: 'yes' }, 'OIDC_TRUST_EMAIL'],
  ])('%j is refused: %s', (settings, message) => {
    expect(() => readConfig(settings)).toThrow(message);
  });

  it('allow plain http only to a host that is named', () => {
    const settings = { ...GIVEN, OIDC_ISSUER: 'http://sso.lan:8080/', ALLOW_PRIVATE_HOSTS: 'sso.lan:8080' };
    expect(readConfig(settings).company?.issuer).toBe('http://sso.lan:8080/');
  });
});

describe('addresses', () => {
  it.each([
    ['Anna@Example.COM', 'anna@example.com'],
    [' a+b@example.com ', 'a+b@example.com'],
    ['a@bücher.example', 'a@xn--bcher-kva.example'],
    ['a@\uFF25xample.com', 'a@example.com'],
  ])('%j is %j', (given, canonical) => {
    expect(canonicalEmail(given)).toBe(canonical);
  });

  it.each([
    ...[
      '',
      '@',
      'a',
      'a@',
      '@example.com',
      'a@localhost',
      'a@example.com.',
      'a@.example.com',
      'a b@example.com',
    ],
    ...['a@evil.com@example.com', '"a@evil.com"@example.com', 'a(x)@example.com', 'a@example.com(x)'],
    ...['\u212Aate@example.com', 'olivi\u0430@example.com', 'a\u200B@example.com', 'a@exam\u200Bple.com'],
    ...['a@ex%61mple.com', 'a@example.com:80', 'a@[127.0.0.1]', 'a@127.0.0.1', 'a@0x7f.1', '<a@example.com>'],
    ...[
      'a\0@example.com',
      'a@example.com\nb@example.com',
      'a@example.com,b@example.com',
      `${'a'.repeat(250)}@b.de`,
    ],
  ])('%j is none', (given) => {
    expect(canonicalEmail(given)).toBeNull();
  });

  it('have an allowed domain only when it is exactly that one', () => {
    const isAllowed = (domain: string) => isDomainAllowed(`a@${domain}`, ['example.com']);
    expect(isAllowed('example.com')).toBe(true);
    for (const domain of ['evil-example.com', 'example.com.evil', 'mail.example.com', 'xample.com', 'com'])
      expect(isAllowed(domain)).toBe(false);
    expect(isDomainAllowed('example.com@evil.com', ['example.com'])).toBe(false);
    expect(isDomainAllowed('a@anything.example', [])).toBe(true);
    expect(toAsciiDomain('example.com/')).toBeNull();
  });
});
