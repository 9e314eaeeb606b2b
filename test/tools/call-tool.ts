import type { ConnectionCaller } from '../../server/caller.ts';
import type { Context } from '../../server/context.ts';
import { createCallRate } from '../../server/mcp/call-rate.ts';
import type { Tool } from '../../server/mcp/define-tool.ts';
import { guardToolHandler, type ToolOutcome } from '../../server/mcp/guard-tool-handler.ts';
import { tools } from '../../tools/catalog.ts';

const callRate = createCallRate(1_000_000);

export function findTool(name: string): Tool {
  return tools.find((tool) => tool.name === name)!;
}

/** A tool as the endpoint calls it: through the guard. A good answer is held to the tool's whole output schema. */
export async function callTool(
  context: Context,
  caller: ConnectionCaller,
  tool: Tool | string,
  rawInput: unknown,
): Promise<ToolOutcome> {
  const called = typeof tool === 'string' ? findTool(tool) : tool;
  const outcome = await guardToolHandler({ context, callRate, tool: called, caller, rawInput });
  if (!outcome.isError) called.output.parse(outcome.output);
  return outcome;
}
