import { unavailable, type AppError } from '../errors.ts';

/** The members of the AI SDK's APICallError that are read; its message and bodies hold the prompt and foreign text. */
interface ModelAnswer {
  statusCode?: number | undefined;
  responseHeaders?: Record<string, string> | undefined;
}

const WRITE_YOURSELF = 'write them yourself from get_campaign; create_post says what breaks a rule';
const LONGEST_WAIT_SECONDS = 3600;

/** What is thrown onwards has no cause: the SDK's errors carry the whole request. */
export function explainModelFailure(
  error: unknown,
  answer: ModelAnswer | undefined,
  timeoutMs: number,
): AppError {
  const status = answer?.statusCode;
  if (status === 429 || status === 503 || status === 529)
    return busy(answer?.responseHeaders?.['retry-after']);
  if (status !== undefined && status >= 400 && status < 500) {
    return unavailable({
      code: 'model_refused',
      message: `The model that writes captions here refused the request (status ${status}).`,
      actual: status,
      isRetriable: false,
      nextStep: `Tell the person that whoever runs the server must look at its CAPTION_MODEL settings. Until then ${WRITE_YOURSELF}.`,
    });
  }
  if (isTimeout(error)) {
    return unavailable({
      code: 'model_too_slow',
      message: `The model that writes captions here did not finish within ${timeoutMs / 1000} seconds.`,
      nextStep: `Call again for fewer networks, or ${WRITE_YOURSELF}.`,
    });
  }
  return unavailable({
    code: 'model_unreachable',
    message: 'The model that writes captions here cannot be reached, or broke off.',
    nextStep: `Call again in a minute, or ${WRITE_YOURSELF}.`,
  });
}

function busy(retryAfter: string | undefined): AppError {
  const asked = Number(retryAfter);
  const seconds = asked > 0 ? Math.min(Math.ceil(asked), LONGEST_WAIT_SECONDS) : 30;
  return unavailable({
    code: 'model_busy',
    message: 'The model that writes captions here takes no more requests at the moment.',
    limit: seconds,
    nextStep: `Wait ${seconds} seconds and call again, or ${WRITE_YOURSELF}.`,
  });
}

function isTimeout(error: unknown): boolean {
  for (let layer = error; layer instanceof Error; layer = layer.cause) {
    if (layer.name === 'TimeoutError' || layer.name === 'AbortError') return true;
  }
  return false;
}
