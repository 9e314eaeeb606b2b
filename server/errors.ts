/**
 * What can go wrong, in five kinds. An AppError's message is written for the person who caused it: it says what to do
 * and holds no secret and no foreign text (that stays in `cause`). Anything thrown that is not an AppError is a bug.
 */
export type AppErrorKind = 'InvalidInput' | 'NotAllowed' | 'NotFound' | 'Conflict' | 'Unavailable';

export interface AppErrorDetails {
  /** Machine-readable, snake_case, stable. */
  code: string;
  /** A full sentence, safe to show. */
  message: string;
  /** The input at fault, as the caller named it. */
  field?: string;
  ruleId?: string;
  limit?: number;
  actual?: number;
  /** The same call may succeed later, unchanged. */
  isRetriable?: boolean;
  /** What to do now, when the message does not say it. */
  nextStep?: string;
  cause?: unknown;
}

export class AppError extends Error {
  readonly kind: AppErrorKind;
  readonly details: AppErrorDetails;

  constructor(kind: AppErrorKind, details: AppErrorDetails) {
    super(details.message, { cause: details.cause });
    this.name = 'AppError';
    this.kind = kind;
    this.details = details;
  }
}

/** Whether it is one of these kinds. */
export function isAppError(error: unknown, ...kinds: readonly AppErrorKind[]): error is AppError {
  return error instanceof AppError && kinds.includes(error.kind);
}

export const invalidInput = (details: AppErrorDetails) => new AppError('InvalidInput', details);
export const notAllowed = (details: AppErrorDetails) => new AppError('NotAllowed', details);
export const notFound = (details: AppErrorDetails) => new AppError('NotFound', details);
export const conflict = (details: AppErrorDetails) => new AppError('Conflict', details);
export const unavailable = (details: AppErrorDetails) => new AppError('Unavailable', details);
