import { AppError } from './errors.ts';
import { createLog } from './log.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * The life of a process: start, run until a signal, stop, end. A second signal ends it at once.
 * What the person can correct is one sentence on standard error; anything else is a bug and is logged once.
 */
export async function runProcess(start: () => Promise<{ stop(): Promise<void> }>): Promise<void> {
  const { promise: signalled, resolve } = Promise.withResolvers<void>();
  let signals = 0;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      signals += 1;
      if (signals > 1) process.exit(1);
      resolve();
    });
  }
  try {
    const running = await start();
    await signalled;
    await running.stop();
    process.exit(0);
  } catch (error) {
    reportFailure(error);
    process.exit(1);
  }
}

function reportFailure(error: unknown): void {
  if (error instanceof AppError) {
    process.stderr.write(`${error.message}\n`);
    return;
  }
  createLog('error').fatal({ err: error }, 'Grantcast ended because of an unexpected error');
}
