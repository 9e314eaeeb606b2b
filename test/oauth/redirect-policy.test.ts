import { describe, expect, it } from 'vitest';

import { displayClientName } from '../../server/oauth/client-name.ts';
import { describeRedirect, findRedirectProblem, isNativeClient } from '../../server/oauth/redirect-policy.ts';

const GOOD = [
  'https://vscode.dev/redirect',
  'https://insiders.vscode.dev/redirect',
  'http://127.0.0.1/',
  'http://127.0.0.1:33418/',
  'http://localhost:54545/callback',
  'http://[::1]:8080/callback',
  'cursor://anysphere.cursor-mcp/oauth/callback',
  'vscode://publisher.extension/callback',
  'com.example.app:/oauth2redirect',
  'https://claude.ai/api/mcp/auth_callback',
];

const BAD = [
  'http://192.168.1.10:8080/cb',
  'http://example.com/cb',
  'http://localhost.example.com/cb',
  'http://127.0.0.1.example.com/cb',
  'javascript:alert(1)',
  'JavaScript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'blob:https://a.example/x',
  'file:///etc/passwd',
  'about:blank',
  'evil://x',
  'ws://a.example/x',
  'ftp://a.example/x',
  'https://user:secret@a.example/cb',
  'https://user@a.example/cb',
  'https://a.example/cb#x',
  'https://a.example/cb#',
  '/callback',
  '',
  `https://a.example/${'x'.repeat(2000)}`,
  7,
  null,
];

describe('redirect URIs', () => {
  it.each(GOOD)('%s is good', (uri) => {
    expect(findRedirectProblem([uri])).toBeNull();
  });

  it.each(BAD)('%s is not', (uri) => {
    expect(findRedirectProblem([GOOD[0], uri])).toMatch(/^redirect_uris /);
  });

  it('are one to ten', () => {
    expect(findRedirectProblem([])).toMatch(/^redirect_uris /);
    expect(findRedirectProblem(undefined)).toMatch(/^redirect_uris /);
    expect(findRedirectProblem('https://a.example/cb')).toMatch(/^redirect_uris /);
    expect(
      findRedirectProblem(Array.from({ length: 11 }, (_, index) => `https://a.example/${index}`)),
    ).toMatch(/10/);
  });

  it('make a client native as soon as one leads to this computer', () => {
    expect(isNativeClient(['https://vscode.dev/redirect'])).toBe(false);
    expect(isNativeClient(['https://vscode.dev/redirect', 'http://127.0.0.1/'])).toBe(true);
    expect(isNativeClient(['cursor://anysphere.cursor-mcp/oauth/callback'])).toBe(true);
  });

  it.each([
    ['https://vscode.dev/redirect', 'vscode.dev', false],
    ['https://a.example:8443/cb', 'a.example:8443', false],
    ['http://127.0.0.1:33418/', '127.0.0.1', true],
    ['http://localhost:1/cb', 'localhost', true],
    ['cursor://anysphere.cursor-mcp/oauth/callback', 'cursor:', true],
  ])('%s is shown as %s', (uri, host, isOnThisComputer) => {
    expect(describeRedirect(uri)).toEqual({ host, isOnThisComputer });
  });
});

describe('client names', () => {
  it.each([
    ['Claude Code (grantcast)', 'Claude Code (grantcast)'],
    [undefined, 'An app without a name'],
    [' \u200b\n ', 'An app without a name'],
    ['Good\u202eapp\u0000\nApp', 'Good app App'],
    ['漢'.repeat(80), `${'漢'.repeat(59)}…`],
    ['日本語クライアント', '日本語クライアント'],
  ])('%j is shown as %j', (claimed, shown) => {
    expect(displayClientName(claimed)).toBe(shown);
  });
});
