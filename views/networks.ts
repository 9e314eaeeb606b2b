const NAMES: Readonly<Record<string, string>> = {
  playground: 'Playground',
  x: 'X',
  linkedin: 'LinkedIn',
  bluesky: 'Bluesky',
  mastodon: 'Mastodon',
  threads: 'Threads',
  instagram: 'Instagram',
  facebook: 'Facebook',
};

/** A network as people write it. */
export function networkName(id: string): string {
  return NAMES[id] ?? id;
}

/** A channel in a line of text. */
export function channelName({ network, handle, imitates }: NamedChannel): string {
  if (imitates) return `Practice channel for ${networkName(imitates)}`;
  return handle === network ? networkName(network) : `${networkName(network)} · ${handle}`;
}

export interface NamedChannel {
  network: string;
  handle: string;
  /** The network whose rules a practice channel keeps. */
  imitates?: string | null | undefined;
}
