import type { NetworkId } from '../networks/network-rules.ts';
import { unavailable } from '../errors.ts';
import type { CaptionBrief } from './caption-brief.ts';
import type { CaptionModel, WrittenCaption } from './caption-model.ts';
import { askForCaptions, askForRepair, INSTRUCTIONS, type RejectedCaption } from './caption-prompt.ts';
import { judgeCaption, shortenCaption } from './shorten-caption.ts';

export interface CaptionCandidate {
  network: NetworkId;
  text: string;
  /** As the network counts. */
  count: number;
  limit: number;
}

export interface CaptionCandidates {
  candidates: CaptionCandidate[];
  /** Captions that still broke a rule, or that shortening made the same as another, and were left out. */
  droppedCount: number;
}

const MOST_REPAIRS = 2;

/**
 * Captions that break no rule of their network: what the model wrote, written anew by it where it broke one, and in the end
 * shortened by whole sentences.
 * @throws AppError Unavailable, also `model_unusable` when the model answered nothing that can be read
 */
export async function writeCaptions(
  model: CaptionModel,
  brief: CaptionBrief,
  timeoutMs: number,
): Promise<CaptionCandidates> {
  const signal = AbortSignal.timeout(timeoutMs);
  const kept: CaptionCandidate[] = [];
  let rejected: RejectedCaption[] = [];
  const ask = (prompt: string) => model.write({ instructions: INSTRUCTIONS, prompt, signal });
  let written = await ask(askForCaptions(brief));
  if (written.length === 0) written = await ask(askForCaptions(brief));
  if (written.length === 0) throw unusable();
  for (let round = 0; ; round += 1) {
    const judged = judgeAll(brief, written, { kept, rejected });
    kept.push(...judged.kept);
    rejected = judged.rejected;
    if (rejected.length === 0 || round === MOST_REPAIRS) break;
    written = await ask(askForRepair(brief, rejected));
  }
  const shortened = rejected.flatMap(({ network, text }) => {
    const shorter = shortenCaption(network, text);
    return shorter ? [{ network: network.network, text: shorter }] : [];
  });
  const rescued = judgeAll(brief, shortened, { kept, rejected: [] }).kept;
  kept.push(...rescued);
  const candidates = brief.networks.flatMap(({ network }) =>
    kept.filter((candidate) => candidate.network === network).slice(0, brief.count),
  );
  return { candidates, droppedCount: rejected.length - rescued.length };
}

interface Judged {
  kept: CaptionCandidate[];
  rejected: RejectedCaption[];
}

/**
 * Each network gets what was written for it, as often as it was asked for and nothing twice. What was rejected before and not
 * written anew stays what it was, to be asked for again, and shortened in the end.
 */
function judgeAll(
  { networks, count }: CaptionBrief,
  written: readonly WrittenCaption[],
  before: Judged,
): Judged {
  const kept: CaptionCandidate[] = [];
  const rejected: RejectedCaption[] = [];
  for (const network of networks) {
    const known = new Set(before.kept.flatMap((one) => (one.network === network.network ? one.text : [])));
    const texts = written.flatMap((one) => (one.network === network.network ? toPublishable(one.text) : []));
    const fresh = [...new Set(texts)].filter((text) => text !== '' && !known.has(text));
    const judged = fresh.map((text) => ({ text, ...judgeCaption(network, text) }));
    const good = judged.filter(({ errors }) => errors.length === 0).slice(0, count - known.size);
    kept.push(...good.map(({ errors: _errors, ...one }) => ({ network: network.network, ...one })));
    const bad = judged.filter(({ errors }) => errors.length > 0).slice(0, count - known.size - good.length);
    rejected.push(...bad.map(({ text, errors }) => ({ network, text, fixes: errors.map(({ fix }) => fix) })));
    const waiting = before.rejected.filter((one) => one.network === network);
    rejected.push(...waiting.slice(good.length + bad.length));
  }
  return { kept, rejected };
}

/** A model's text as a post can hold it: line ends, and no other control character. */
function toPublishable(text: string): string {
  const lines = text.toWellFormed().replaceAll(/\r\n?/g, '\n');
  return lines.replaceAll(/[^\P{Cc}\n]/gu, '').trim();
}

function unusable() {
  return unavailable({
    code: 'model_unusable',
    message: 'The model that writes captions here did not answer in the form that was asked for.',
    nextStep:
      'Call again once, or write them yourself from get_campaign; create_post says what breaks a rule.',
  });
}
