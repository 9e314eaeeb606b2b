import type { Settings } from './config.ts';
import { invalidInput } from './errors.ts';

export type CaptionModelSettings = Readonly<{
  provider: 'anthropic' | 'openai' | 'openai-compatible';
  /** As the provider names it. */
  model: string;
  apiKey: string | undefined;
  /** With the path that the provider's own paths are put behind. */
  baseUrl: string;
  timeoutMs: number;
}>;

const BASE_URLS = { anthropic: 'https://api.anthropic.com/v1', openai: 'https://api.openai.com/v1' } as const;

/** @throws AppError InvalidInput (`invalid_setting`) for settings that do not make sense together */
export function captionModelOf(settings: Settings): CaptionModelSettings | undefined {
  const {
    CAPTION_MODEL_PROVIDER: provider,
    CAPTION_MODEL: model,
    CAPTION_MODEL_API_KEY: apiKey,
    CAPTION_MODEL_BASE_URL: wantedUrl,
  } = settings;
  if (!provider && !model && !apiKey && !wantedUrl) return undefined;
  if (!provider || !model) {
    throw wrong(
      'CAPTION_MODEL_PROVIDER and CAPTION_MODEL turn on that captions are written here: set both, or no CAPTION_MODEL setting.',
    );
  }
  const baseUrl = wantedUrl ?? (provider === 'openai-compatible' ? undefined : BASE_URLS[provider]);
  if (!baseUrl) {
    throw wrong(
      'CAPTION_MODEL_PROVIDER=openai-compatible needs CAPTION_MODEL_BASE_URL, for example http://localhost:11434/v1.',
    );
  }
  if (!apiKey && provider !== 'openai-compatible') {
    throw wrong(`CAPTION_MODEL_PROVIDER=${provider} needs CAPTION_MODEL_API_KEY.`);
  }
  return { provider, model, apiKey, baseUrl, timeoutMs: settings.CAPTION_MODEL_TIMEOUT_SECONDS * 1000 };
}

const wrong = (message: string) => invalidInput({ code: 'invalid_setting', message });
