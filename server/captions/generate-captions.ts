import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { unavailable } from '../errors.ts';
import { composeBrief, type CaptionBrief, type CaptionWish } from './caption-brief.ts';
import { openCaptionModel, type CaptionModel } from './caption-model.ts';
import { writeCaptions, type CaptionCandidates } from './write-captions.ts';

/** Who writes: a model of the operator's, or, where there is none, whoever asked. */
export type GeneratedCaptions =
  { mode: 'generated'; written: CaptionCandidates } | { mode: 'host_writes'; brief: CaptionBrief };

/**
 * Nothing is saved.
 * @throws AppError NotFound; InvalidInput about the source; Unavailable when the model or the source does not answer
 */
export async function generateCaptions(
  context: Context,
  caller: Caller,
  wish: CaptionWish,
): Promise<GeneratedCaptions> {
  const brief = await composeBrief(context, caller, wish);
  const { captionModel: settings } = context.config;
  if (!settings) return { mode: 'host_writes', brief };
  await takeTurn(caller.teamId);
  const model = await findModel(context, settings);
  return { mode: 'generated', written: await writeCaptions(model, brief, settings.timeoutMs) };
}

/** Every turn costs the operator up to four answers of the model. */
const TURNS_PER_MINUTE = 20;
const turns = new RateLimiterMemory({ points: TURNS_PER_MINUTE, duration: 60 });

async function takeTurn(teamId: string): Promise<void> {
  try {
    await turns.consume(teamId);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    throw unavailable({
      code: 'model_rate_limited',
      limit: TURNS_PER_MINUTE,
      message: `The model writes captions ${TURNS_PER_MINUTE} times a minute for a team, and this team had its turns.`,
      nextStep: `Wait ${Math.max(1, Math.ceil(refusal.msBeforeNext / 1000))} seconds, or write them yourself from get_campaign.`,
    });
  }
}

const models = new WeakMap<object, Promise<CaptionModel>>();

function findModel(
  context: Context,
  settings: NonNullable<Context['config']['captionModel']>,
): Promise<CaptionModel> {
  const known = models.get(settings);
  if (known) return known;
  const model = openCaptionModel(settings, context.modelFetch);
  models.set(settings, model);
  return model;
}
