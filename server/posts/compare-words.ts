/** A run of words, in the order in which both texts are read at once. */
export interface WordRun {
  kind: 'same' | 'gone' | 'new';
  text: string;
}

/** Word pairs that are compared; beyond it the middle of a long text is told as gone and new altogether. */
const MAX_PAIRS = 4_000_000;

/** What became of a text, word by word; white space counts as a word. */
export function compareWords(before: string, after: string): WordRun[] {
  const [olds, news] = [toWords(before), toWords(after)];
  const shorter = Math.min(olds.length, news.length);
  let start = 0;
  while (start < shorter && olds[start] === news[start]) start += 1;
  let end = 0;
  while (end < shorter - start && olds.at(-1 - end) === news.at(-1 - end)) end += 1;
  return join([
    ...olds.slice(0, start).map((text) => ({ kind: 'same' as const, text })),
    ...compareMiddle(olds.slice(start, olds.length - end), news.slice(start, news.length - end)),
    ...olds.slice(olds.length - end).map((text) => ({ kind: 'same' as const, text })),
  ]);
}

function toWords(text: string): string[] {
  return text.match(/\S+|\s+/gu) ?? [];
}

/** By the longest common subsequence. */
function compareMiddle(olds: readonly string[], news: readonly string[]): WordRun[] {
  const all = (kind: 'gone' | 'new', words: readonly string[]) => words.map((text) => ({ kind, text }));
  const columns = news.length + 1;
  if (olds.length * news.length > MAX_PAIRS) return [...all('gone', olds), ...all('new', news)];
  const lengths = new Uint16Array((olds.length + 1) * columns);
  const at = (row: number, column: number) => lengths[row * columns + column]!;
  for (let row = olds.length - 1; row >= 0; row -= 1) {
    for (let column = news.length - 1; column >= 0; column -= 1) {
      lengths[row * columns + column] =
        olds[row] === news[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const runs: WordRun[] = [];
  let [row, column] = [0, 0];
  while (row < olds.length && column < news.length) {
    if (olds[row] === news[column]) {
      runs.push({ kind: 'same', text: olds[row]! });
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) {
      runs.push({ kind: 'gone', text: olds[row]! });
      row += 1;
    } else {
      runs.push({ kind: 'new', text: news[column]! });
      column += 1;
    }
  }
  return [...runs, ...all('gone', olds.slice(row)), ...all('new', news.slice(column))];
}

function join(runs: readonly WordRun[]): WordRun[] {
  const joined: WordRun[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    if (last?.kind === run.kind) last.text += run.text;
    else joined.push({ ...run });
  }
  return joined;
}
