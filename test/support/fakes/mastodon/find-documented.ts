import documented from './documented.json' with { type: 'json' };

/** Bodies of the documentation's examples, in their order there; each has its address and when somebody looked. */
export function findDocumented(
  kind: 'answer' | 'entity' | 'request',
  name: string,
  status?: number,
): object[] {
  const found = documented.examples.filter(
    (example) => example.kind === kind && example.name === name && (!status || example.status === status),
  );
  if (found.length === 0) throw new Error(`no example ${kind} ${name} ${status ?? ''}`);
  return found.map(({ body }) => body);
}
