import type { LanguageModel } from 'ai';
import { z } from 'zod';

import type { CaptionModelSettings } from '../caption-settings.ts';
import type { GuardedFetch } from '../fetch.ts';
import { NETWORK_IDS, type NetworkId } from '../networks/network-rules.ts';
import { explainModelFailure } from './explain-model-failure.ts';

export interface WrittenCaption {
  network: NetworkId;
  text: string;
}

export interface CaptionModel {
  /**
   * @returns what the model wrote; nothing when it did not answer in the form that was asked for
   * @throws AppError Unavailable (`model_busy`, `model_too_slow`, `model_refused`, `model_unreachable`); no error holds
   *   anything of the key, the prompt or the answer
   */
  write(prompt: { instructions: string; prompt: string; signal: AbortSignal }): Promise<WrittenCaption[]>;
}

const MAX_ANSWER_BYTES = 1_000_000;
const MAX_OUTPUT_TOKENS = 8_000;

const answer = z.object({ captions: z.array(z.object({ network: z.string(), text: z.string() })) });

const isNetwork = (network: string): network is NetworkId =>
  (NETWORK_IDS as readonly string[]).includes(network);

/** The packages weigh 30 MB and are loaded when captions are first asked for. */
export async function openCaptionModel(
  settings: CaptionModelSettings,
  guardedFetch: GuardedFetch,
): Promise<CaptionModel> {
  const { APICallError, generateText, NoObjectGeneratedError, NoOutputGeneratedError, Output } =
    await import('ai');
  const model = await openModel(settings, guardedFetch);
  return {
    async write({ instructions, prompt, signal }) {
      try {
        const { output } = await generateText({
          model,
          instructions,
          prompt,
          output: Output.object({ schema: answer, name: 'captions' }),
          maxOutputTokens: MAX_OUTPUT_TOKENS,
          // A person waits: what is busy is told, with the time to wait.
          maxRetries: 0,
          abortSignal: signal,
          telemetry: { isEnabled: false },
        });
        return output.captions.filter((caption): caption is WrittenCaption => isNetwork(caption.network));
      } catch (error) {
        if (NoObjectGeneratedError.isInstance(error) || NoOutputGeneratedError.isInstance(error)) return [];
        throw explainModelFailure(
          error,
          APICallError.isInstance(error) ? error : undefined,
          settings.timeoutMs,
        );
      }
    },
  };
}

async function openModel(
  { provider, model, apiKey, baseUrl, timeoutMs }: CaptionModelSettings,
  guardedFetch: GuardedFetch,
): Promise<LanguageModel> {
  const fetchModel = (url: string | URL | Request, init?: RequestInit) => {
    const { redirect: _redirect, ...request } = init ?? {};
    const address = url instanceof Request ? url.url : url;
    return guardedFetch(address, { ...request, timeoutMs, maxBytes: MAX_ANSWER_BYTES });
  };
  const options = { baseURL: baseUrl, fetch: fetchModel, ...(apiKey !== undefined && { apiKey }) };
  if (provider === 'anthropic') {
    const { createAnthropic } = await import('@ai-sdk/anthropic');
    return createAnthropic(options)(model);
  }
  if (provider === 'openai') {
    const { createOpenAI } = await import('@ai-sdk/openai');
    return createOpenAI(options).chat(model);
  }
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
  return createOpenAICompatible({ ...options, name: 'captions', supportsStructuredOutputs: true })(model);
}
