import { describe, expect, it } from 'vitest';

import { identifyClient } from '../../server/oauth/client-identity.ts';
import { displayClientName, readClientName } from '../../server/oauth/client-name.ts';
import { CONFUSABLE_NAMES } from '../support/confusable-names.ts';

const here = { host: '127.0.0.1', isOnThisComputer: true };
const at = (host: string) => ({ host, isOnThisComputer: false });

function standingOf(
  clientName: string | undefined,
  redirect = here,
  verifiedHost: string | null = null,
): string {
  return identifyClient({ clientName, verifiedHost, redirect }).standing;
}

describe('a name that is written with other characters', () => {
  it('is 120 of 120 times told from the known one it imitates', () => {
    expect(CONFUSABLE_NAMES).toHaveLength(120);
    const missed = CONFUSABLE_NAMES.filter(({ known, name }) => {
      const expected = known === 'VS Code' ? 'Visual Studio Code' : known;
      return displayClientName(name) !== `An app whose name imitates ${expected}`;
    });
    expect(missed).toEqual([]);
  });

  it.each([
    'CIaude',
    'C1aude Code',
    'ClAuDé',
    'Сlaude',
    'C l а u d e',
    'gernini',
    'VVindsurf',
    'Cu\u200drsor',
    'Ꮹemini',
    'ᏟᏞᎪႮᎠᎬ',
    'ⲤⳐaude',
    'The real Сursor',
    'Аnthropic',
    'OpenAΙ',
  ])('%s is an imitation, wherever it is answered', (name) => {
    for (const redirect of [here, at('claude.ai'), at('vscode.dev')]) {
      expect(standingOf(name, redirect)).toBe('imitation');
    }
  });

  it.each([
    'Organized',
    'Mongoose',
    'Кодекс мира',
    'Zettel',
    'Künstler',
    '日本語クライアント',
    'עברית',
    'Café Zürich 24',
    'mcporter',
    'Cline',
    'opencode',
  ])('%s imitates nobody', (name) => {
    expect(displayClientName(name)).toBe(name);
    expect(readClientName(name).isImitation).toBe(false);
  });
});

describe('a known name in plain letters', () => {
  it.each(['Claude', 'claude-code', 'Claude Code (grantcast)', 'CLAUDE', 'Cursor', 'Visual Studio Code'])(
    '%s is shown, and is unverified on this computer',
    (name) => {
      expect(displayClientName(name)).toBe(name);
      expect(standingOf(name)).toBe('unverified');
    },
  );

  it.each([
    ['Claude', 'claude.ai'],
    ['Claude', 'claude.com'],
    ['ChatGPT', 'chatgpt.com'],
    ['Visual Studio Code', 'vscode.dev'],
    ['VS Code', 'insiders.vscode.dev'],
    ['Cursor', 'www.cursor.com'],
  ])('%s is known where %s answers', (name, host) => {
    expect(standingOf(name, at(host))).toBe('known');
    expect(standingOf(name, at(`${host}.evil.example`))).toBe('claim');
    expect(standingOf(name, at('evil.example'))).toBe('claim');
  });

  it('is known by the scheme of its app', () => {
    expect(standingOf('Cursor', { host: 'cursor:', isOnThisComputer: true })).toBe('known');
    expect(standingOf('Cursor', { host: 'zed:', isOnThisComputer: true })).toBe('unverified');
  });

  it('is verified by the document of its own host only', () => {
    expect(standingOf('Claude Code', here, 'claude.ai')).toBe('verified');
    expect(standingOf('Claude Code', here, 'evil.example')).toBe('unverified');
    expect(standingOf('Claude', at('evil.example'), 'evil.example')).toBe('claim');
    expect(standingOf('Сlaude', at('claude.ai'), 'claude.ai')).toBe('imitation');
  });

  it('of ours is nobody’s', () => {
    expect(standingOf('Grantcast', at('grantcast.example'))).toBe('claim');
  });
});

describe('a name nobody knows', () => {
  it('is verified by its document, and by nothing else', () => {
    expect(standingOf('Harbour Agent', at('agent.example'), 'agent.example')).toBe('verified');
    expect(standingOf('Harbour Agent', at('agent.example'))).toBe('unverified');
    expect(standingOf(undefined)).toBe('unverified');
  });
});

describe('a name on the page', () => {
  it.each([
    ['a\u0301\u0302\u0303\u0304\u0305\u0306\u0307z', 'á̂̃̄z'],
    ['\u0301\u0302leading marks', 'leading marks'],
    ['ﬁne ① ㎏', 'fine 1 kg'],
    ['one\r\ntwo\u2028three', 'one two three'],
    ['\u2066\u202eevil\u2069', 'evil'],
    ['\u{e0041}\u{e0042}tags\u{fe0f}', 'tags'],
    ['\ud800lone', 'lone'],
    ['👩🏽‍🚀 rocket', '👩🏽 🚀 rocket'],
    ['x'.repeat(5000), `${'x'.repeat(59)}…`],
  ])('%j reads %j', (claimed, shown) => {
    expect(displayClientName(claimed)).toBe(shown);
  });
});
