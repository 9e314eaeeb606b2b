import { randomBytes } from 'node:crypto';

import type { z } from 'zod';

import type { ConnectionCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { transientKindOf } from '../database/transient-error.ts';
import { AppError, notAllowed, unavailable } from '../errors.ts';
import { roleAllows } from '../scopes.ts';
import { assertPolicy } from './assert-policy.ts';
import type { CallRate } from './call-rate.ts';
import type { Tool } from './define-tool.ts';
import { fromAppError, fromZodError, type ToolError } from './tool-error.ts';

type JsonObject = Record<string, unknown>;

export type ToolOutcome =
  { isError: false; output: JsonObject; text: string } | { isError: true; error: ToolError };

export interface GuardedCall {
  context: Context;
  callRate: CallRate;
  tool: Tool;
  /** Found with the token a moment ago: connection, person and membership are good, or there is no caller. */
  caller: ConnectionCaller;
  rawInput: unknown;
}

/**
 * The only try and catch around a tool: rate, parse, scope, policy, run, run again what surely left nothing behind, put errors
 * into the contract, write one activity row. A call that began finishes under its connection whatever its token does;
 * what goes on the calendar looks at the connection once more inside its transaction.
 */
export async function guardToolHandler(call: GuardedCall): Promise<ToolOutcome> {
  const { context, tool, caller } = call;
  const parsed = tool.input.safeParse(call.rawInput ?? {});
  const input: JsonObject = parsed.data ?? {};
  const outcome = await runGuarded(call, input, parsed.error);
  const activity = {
    caller,
    action: tool.name,
    target: targetOf(outcome.isError ? input : { ...input, ...outcome.output }),
    result: outcome.isError ? outcome.error.code : 'ok',
    rule: ruleOf(outcome),
    detail: detailOf(input),
  };
  await context
    .writeActivity(activity)
    .catch((error: unknown) =>
      context.log.error({ err: error, tool: tool.name }, 'an activity row is missing'),
    );
  return outcome;
}

async function runGuarded(
  call: GuardedCall,
  input: JsonObject,
  inputError: z.ZodError | undefined,
): Promise<ToolOutcome> {
  const { context, tool, caller, callRate } = call;
  try {
    await callRate.take(caller.connectionId);
    if (inputError) return { isError: true, error: fromZodError(inputError, call.rawInput ?? {}) };
    assertScope(tool, caller);
    await assertPolicy(context, tool, caller);
    const output = await runAgainIfHarmless(call, input);
    return { isError: false, output, text: tool.toText(output) };
  } catch (error) {
    if (error instanceof AppError) return { isError: true, error: fromAppError(error) };
    const errorId = randomBytes(6).toString('hex');
    context.log.error({ err: error, errorId, tool: tool.name }, 'a tool failed');
    return { isError: true, error: unexpected(errorId) };
  }
}

/** The endpoint challenges for a missing scope before this is reached; what a role takes away no new token can give. */
function assertScope(tool: Tool, caller: ConnectionCaller): void {
  if (!caller.scopes.has(tool.scope)) {
    throw notAllowed({
      code: 'insufficient_scope',
      message: `This connection was not granted ${tool.scope}.`,
    });
  }
  if (!roleAllows(caller.role, tool.scope)) {
    throw notAllowed({
      code: 'viewer',
      message:
        'The person behind this connection can only look. An owner of the team can make them an editor.',
    });
  }
}

const MAX_RUNS = 3;

async function runAgainIfHarmless(
  { context, tool, caller }: GuardedCall,
  input: JsonObject,
): Promise<JsonObject> {
  for (let run = 1; ; run += 1) {
    try {
      return await tool.run({ ctx: context, caller, input });
    } catch (error) {
      const kind = transientKindOf(error);
      if (kind === null) throw error;
      if (run < MAX_RUNS && (kind === 'rolled_back' || isRepeatable(tool, input))) continue;
      throw isRepeatable(tool, input) || kind === 'rolled_back' ? busy(error) : unclear(error);
    }
  }
}

/** Whether a second run leaves the state of one, should the first have been committed after all. */
function isRepeatable(tool: Tool, input: JsonObject): boolean {
  return (
    tool.annotations.readOnlyHint || tool.annotations.idempotentHint || input['client_ref'] !== undefined
  );
}

function busy(cause: unknown) {
  return unavailable({ code: 'unavailable', message: 'The server is busy or restarting.', cause });
}

function unclear(cause: unknown) {
  return unavailable({
    code: 'outcome_unclear',
    message: 'The connection to the database was lost, and what was asked for may have been done.',
    isRetriable: false,
    nextStep: 'List what is there before you call again, and give a client_ref next time.',
    cause,
  });
}

function unexpected(errorId: string): ToolError {
  return {
    code: 'internal',
    message: `Something went wrong in the server (error ${errorId}).`,
    retriable: false,
    next_step: 'Tell the person this error id; whoever runs the server finds it in the log.',
  };
}

const POLICY_CODES: ReadonlySet<string> = new Set(['policy_denied', 'needs_person']);

/** The policy rule that decided; a rule of a network about a text is none. */
function ruleOf(outcome: ToolOutcome): string | undefined {
  if (outcome.isError) return POLICY_CODES.has(outcome.error.code) ? outcome.error.rule_id : undefined;
  const rule = outcome.output['rule_id'];
  return typeof rule === 'string' ? rule : undefined;
}

function targetOf(values: JsonObject): string | undefined {
  const target = values['post_id'] ?? values['media_id'] ?? values['campaign_id'];
  return typeof target === 'string' ? target : undefined;
}

/** Which of a tool's actions it was, and for which channel: words of ours and an id, never a text of the caller's. */
function detailOf({ action, channel_id: channelId }: JsonObject): JsonObject | undefined {
  return typeof action === 'string' ? { action, channelId } : undefined;
}
