/** The tokens of assets/tokens.css that /design shows, by what they are for. */
export const COLOURS = [
  { name: 'paper', use: 'behind everything' },
  { name: 'surface', use: 'cards and fields' },
  { name: 'sunken', use: 'what lies below a card' },
  { name: 'ink', use: 'text' },
  { name: 'ink-soft', use: 'text beside the point' },
  { name: 'line', use: 'between things' },
  { name: 'line-strong', use: 'around what can be used' },
  { name: 'accent', use: 'links, the button to press' },
  { name: 'accent-ink', use: 'text on the accent' },
  { name: 'accent-soft', use: 'what is chosen' },
  { name: 'good', use: 'it worked' },
  { name: 'good-soft', use: 'behind it' },
  { name: 'note', use: 'under way, good to know' },
  { name: 'note-soft', use: 'behind it' },
  { name: 'warning', use: 'needs a look' },
  { name: 'warning-soft', use: 'behind it' },
  { name: 'problem', use: 'did not work, stops something' },
  { name: 'problem-soft', use: 'behind it' },
] as const;

export const SPACES = [
  'space-1',
  'space-2',
  'space-3',
  'space-4',
  'space-5',
  'space-6',
  'gutter',
  'target',
] as const;

export const SIZES = ['small', 'large'] as const;
