import type { CaptionBrief } from '../captions/caption-brief.ts';
import { quoteSource } from '../captions/caption-prompt.ts';

/** The host that gave the text has it; of a page it gets the beginning. */
const MAX_PAGE = 4_000;

/** A brief for a host that writes the captions itself, as generate_captions tells it. */
export function toBrief({ count, networks, source, ...brief }: CaptionBrief) {
  const names = networks.map(({ name }) => name).join(', ');
  const from = source?.url ? ' from the source' : '';
  return {
    mode: 'host_writes' as const,
    candidates: [],
    dropped: 0,
    writing_brief: {
      task: `Write ${count === 1 ? 'a caption' : `${count} captions`} for each of ${names}${from}, by its rules, and invent no facts. Show them to the person, or draft with create_post.`,
      campaign: brief.campaign,
      goal: brief.goal,
      audience: brief.audience,
      key_messages: brief.keyMessages,
      starts_on: brief.startsOn,
      ends_on: brief.endsOn,
      tone: brief.tone,
      language: brief.language,
      source: source?.url
        ? { url: source.url, data: quoteSource(source.title, source.text.slice(0, MAX_PAGE).toWellFormed()) }
        : null,
    },
    rules: networks.map(({ network, limit, rules }) => ({ network, limit, rules })),
  };
}
