interface ListOutput<Item> {
  items: Item[];
  time_zone: string;
  next_cursor: string | null;
}

/** A page as text: one line per item, which costs a model half of what the same JSON does. */
export function toLines<Item>(page: ListOutput<Item>, toCells: (item: Item) => (string | null)[]): string {
  const rows = page.items.map((item) => toCells(item).filter(Boolean).join(' | '));
  const head = `${rows.length} items, times in ${page.time_zone}`;
  const tail = page.next_cursor ? [`next_cursor: ${page.next_cursor}`] : [];
  return [head, ...rows, ...tail].join('\n');
}
