const NAMES: Readonly<Record<string, string>> = { playground: 'Playground', bluesky: 'Bluesky' };

/** A network as people write it. */
export function networkName(id: string): string {
  return NAMES[id] ?? id;
}

/** A channel in a line of text. */
export function channelName({ network, handle }: { network: string; handle: string }): string {
  return handle === network ? networkName(network) : `${networkName(network)} · ${handle}`;
}
