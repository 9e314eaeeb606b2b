import type { z } from 'zod';

import type { AppError } from '../errors.ts';

/** What a failed call tells the model: what was wrong, and what to do now. */
export interface ToolError {
  code: string;
  message: string;
  /** The input at fault. */
  field?: string;
  rule_id?: string;
  limit?: number;
  actual?: number;
  /** The same call may succeed later, unchanged. */
  retriable: boolean;
  next_step: string;
}

export function fromAppError({ kind, details }: AppError): ToolError {
  const { code, message, field, ruleId, limit, actual, isRetriable, nextStep } = details;
  return {
    code,
    message,
    ...(field !== undefined && { field }),
    ...(ruleId !== undefined && { rule_id: ruleId }),
    ...(limit !== undefined && { limit }),
    ...(actual !== undefined && { actual }),
    retriable: isRetriable ?? kind === 'Unavailable',
    next_step: nextStep ?? STEP_BY_CODE[code] ?? STEP_BY_FIELD[field ?? ''] ?? STEP_BY_KIND[kind],
  };
}

/** The first thing wrong with the input; it names the field and the rule, and repeats nothing of the value. */
export function fromZodError(error: z.ZodError, input: unknown): ToolError {
  const issue = error.issues[0]!;
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
  const field = path.map(String).join('.').slice(0, 100) || 'arguments';
  const message = sayWhatIsWrong(issue, field, input);
  const lookUp = isWrongId(issue) ? STEP_BY_FIELD[lastName(path)] : undefined;
  return {
    code: 'invalid_input',
    message,
    field,
    retriable: false,
    next_step: lookUp ?? STEP_BY_KIND.InvalidInput,
  };
}

function sayWhatIsWrong(issue: z.core.$ZodIssue, field: string, input: unknown): string {
  if (issue.code === 'unrecognized_keys') return `There is no input named ${field}.`;
  if (issue.code !== 'custom' && isMissing(input, issue.path)) return `${field} is needed.`;
  return `The input ${field} is not valid: ${issue.message}.`;
}

/** A name, an id of something else, or what a model made up: only ids are inputs with a pattern. */
const isWrongId = (issue: z.core.$ZodIssue) => issue.code === 'invalid_format' && issue.format === 'regex';

const lastName = (path: readonly PropertyKey[]) => String(path.findLast((key) => typeof key === 'string'));

function isMissing(input: unknown, path: readonly PropertyKey[]): boolean {
  const value = path.reduce<unknown>(
    (within, key) => (within as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  );
  return value === undefined;
}

const STEP_BY_KIND: Record<AppError['kind'], string> = {
  InvalidInput: 'Correct the input that is named and call again.',
  NotAllowed: 'Do not call this again; tell the person what is missing.',
  NotFound: 'Look the id up and call again.',
  Conflict: 'Read the object again and decide on what it says now.',
  Unavailable: 'Wait a moment and call again.',
};

const STEP_BY_FIELD: Record<string, string> = {
  post_id: 'Call list_posts for the posts of this team.',
  campaign_id: 'Call list_campaigns for the campaigns of this team.',
  channel_id: 'Call list_channels for the channels of this team.',
  channel_ids: 'Call list_channels for the channels of this team.',
  media_id: 'Call list_media for the pictures of this team.',
  media_ids: 'Call list_media for the pictures of this team.',
  only_channel_ids: 'Call get_post for the channels of this post.',
};

const STEP_BY_CODE: Record<string, string> = {
  stale_revision: 'Call get_post, then call again with its rev.',
  caption_breaks_rule: 'Call preview_post for every rule that is broken, then correct the text.',
  client_ref_reused: 'Call again with a new client_ref, or without one.',
  channel_needs_reconnect: 'Ask the person to link the channel again in the dashboard.',
  outcome_unknown: 'Call get_post with include attempts, and tell the person what it says.',
  under_way: 'Call get_post in a minute.',
  already_published: 'Call get_post for the link; for another post call create_post.',
  rejected: 'Call get_post for the note of the person, and write a new post.',
};
