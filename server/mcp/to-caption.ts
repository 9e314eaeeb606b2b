import type { CaptionCheck } from '../posts/check-caption.ts';
import type { CaptionOverride } from '../posts/post-captions.ts';
import { toProblem } from './to-problem.ts';

/** A checked caption as the tools tell it. */
export function toCaption({ channelId, count, limit, problems }: { channelId: string } & CaptionCheck) {
  return {
    channel_id: channelId,
    ok: problems.every(({ severity }) => severity !== 'error'),
    count,
    limit,
    problems: problems.map(toProblem),
  };
}

interface OverrideInput {
  channel_id: string;
  text?: string | undefined;
  parts?: string[] | undefined;
}

export function toOverrides(overrides: OverrideInput[] | undefined): CaptionOverride[] | undefined {
  return overrides?.map(({ channel_id, ...words }) => ({ channelId: channel_id, ...words }));
}
