import { formatLocalTime } from '../../posts/local-time.ts';

/** A choice that may share its name with another. */
export interface NamedChoice {
  value: string;
  label: string;
  connectedAt: Date;
}

/** Those of one name also say when they connected. */
export function tellApart(
  choices: readonly NamedChoice[],
  timeZone: string,
): Omit<NamedChoice, 'connectedAt'>[] {
  const sharing = Map.groupBy(choices, ({ label }) => label);
  return choices.map(({ value, label, connectedAt }) =>
    sharing.get(label)!.length === 1
      ? { value, label }
      : { value, label: `${label}, connected ${formatLocalTime(connectedAt, timeZone)}` },
  );
}
