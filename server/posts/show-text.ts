import { findRules, type RuledChannel } from '../networks/find-rules.ts';
import { findCardHost, markText, type MarkedRun } from '../networks/mark-text.ts';

/** A part as the network shows it. */
export interface ShownPart {
  runs: MarkedRun[];
  /** The host of the page that the network draws a card from; null where it draws none. */
  cardHost: string | null;
}

/** What the network makes of a caption, part by part. The pictures go with the first part. */
export async function showText(
  channel: RuledChannel,
  parts: readonly string[],
  pictureCount: number,
): Promise<ShownPart[]> {
  const rules = findRules(channel);
  const shown: ShownPart[] = [];
  for (const [index, text] of parts.entries()) {
    const hasPictures = index === 0 && pictureCount > 0;
    shown.push({
      runs: rules ? await markText(rules.id, text) : [{ kind: 'text', text }],
      cardHost: rules && !hasPictures ? findCardHost(rules.id, text) : null,
    });
  }
  return shown;
}
