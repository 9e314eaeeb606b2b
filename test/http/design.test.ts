import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { COLOURS, SIZES, SPACES } from '../../views/design-tokens.ts';
import { ICON_NAMES } from '../../views/icon.ts';
import { STATE_LABELS } from '../../views/state-badge.ts';
import { startPagesServer } from './support/pages-server.ts';
import { createVisitor } from './support/visitor.ts';

const ASSETS = path.join(import.meta.dirname, '../../views/assets');
const readText = (name: string) => readFileSync(path.join(ASSETS, name), 'utf8');

describe('/design', () => {
  it('shows every token, state and icon in development', async () => {
    await using server = await startPagesServer({ NODE_ENV: 'development' });
    const { status, text } = await createVisitor(server.url).get('/design');
    expect(status).toBe(200);
    const tokens = [
      ...readText('tokens.css').matchAll(/^ {2}--([a-z0-9-]+): (?:light-dark\(#|[\d.]+rem|clamp)/gm),
    ];
    const shown = tokens.map(([, name]) => name!).filter((name) => !LENGTHS_OF_LAYOUT.has(name));
    expect(shown.length).toBeGreaterThan(25);
    expect(shown.filter((name) => !text.includes(`--${name}<`))).toEqual([]);
    expect(Object.keys(STATE_LABELS).filter((state) => !text.includes(`data-state="${state}"`))).toEqual([]);
    expect(ICON_NAMES.filter((name) => !text.includes(`icons.svg#${name}"`))).toEqual([]);
  });

  it.each(['', 'production', 'test'])('is not there when NODE_ENV is "%s"', async (mode) => {
    await using server = await startPagesServer({ NODE_ENV: mode });
    expect((await createVisitor(server.url).get('/design')).status).toBe(404);
  });

  it('has a sample of every colour and length that it names', () => {
    const styles = readText('design.css');
    const named = [...COLOURS.map(({ name }) => name), ...SPACES, ...SIZES];
    expect(named.filter((name) => !styles.includes(`var(--${name})`))).toEqual([]);
  });
});

describe('the icons', () => {
  it('are named in the order of the file, each once', () => {
    const symbols = [...readText('icons.svg').matchAll(/<symbol id="([^"]+)"/g)].map(([, id]) => id!);
    expect(symbols).toEqual([...ICON_NAMES]);
    expect(symbols).toEqual([...new Set(symbols)].toSorted());
  });
});

/** How wide pages and corners are; seen on every page. */
const LENGTHS_OF_LAYOUT = new Set(['full', 'wide', 'narrow', 'side', 'radius', 'radius-small']);
