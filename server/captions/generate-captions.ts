import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
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
  const model = await findModel(context, settings);
  return { mode: 'generated', written: await writeCaptions(model, brief, settings.timeoutMs) };
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
