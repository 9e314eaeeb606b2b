import { ROLES, SCHEMES, WIDTHS, type Scheme, type Width } from './walk.ts';

export interface PageLooks {
  /** With scripts: opened once, judged in both schemes, at two widths. */
  judged: { role: (typeof ROLES)[number]; looks: readonly { width: Width; scheme: Scheme }[] };
  /** Without scripts, at the third width, as somebody else. */
  plain: { role: (typeof ROLES)[number]; width: Width; scheme: Scheme };
}

/**
 * Each page in both schemes and at all widths, with and without scripts; over all pages every role meets every width,
 * every scheme, and both kinds of browser. @param no of the page
 */
export function chooseLooks(no: number): PageLooks {
  const width = (by: number) => WIDTHS[(no + by) % WIDTHS.length]!;
  const turned = Math.floor(no / WIDTHS.length);
  const scheme = (by: number) => SCHEMES[(turned + by) % SCHEMES.length]!;
  const role = (by: number) => ROLES[(Math.floor(turned / SCHEMES.length) + by) % ROLES.length]!;
  return {
    judged: {
      role: role(0),
      looks: [
        { width: width(0), scheme: scheme(0) },
        { width: width(1), scheme: scheme(1) },
      ],
    },
    plain: { role: role(1), width: width(2), scheme: scheme(0) },
  };
}

/** Whether over so many pages every two of width, scheme, role and kind of browser came together. */
export function findUnseenPairs(count: number): string[] {
  const seen = new Set<string>();
  for (let no = 0; no < count; no += 1) {
    const { judged, plain } = chooseLooks(no);
    const rows = [
      ...judged.looks.map((look) => [`${look.width} px`, look.scheme, judged.role, 'scripts']),
      [`${plain.width} px`, plain.scheme, plain.role, 'no scripts'],
    ];
    for (const row of rows) for (const one of row) for (const other of row) seen.add(`${one} with ${other}`);
  }
  const kinds = [WIDTHS.map((width) => `${width} px`), SCHEMES, ROLES, ['scripts', 'no scripts']];
  return kinds.flatMap((ones, at) =>
    kinds
      .slice(at + 1)
      .flatMap((others) => ones.flatMap((one) => others.map((other) => `${one} with ${other}`)))
      .filter((pair) => !seen.has(pair)),
  );
}
