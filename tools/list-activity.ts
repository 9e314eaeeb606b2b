import { z } from 'zod';

import { tellActivity } from '../server/activity/tell-activity.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import { cursor, limit, line, nextCursor, postId, toRfc3339 } from '../server/mcp/params.ts';
import { toLines } from '../server/mcp/to-lines.ts';

const input = z.strictObject({
  post_id: postId.optional(),
  client: line(120).optional().describe('A client by name, or a connection id'),
  tool: line(60).optional().describe('A tool, or what became of a post: delivery.held'),
  from: line(40).optional().describe('RFC 3339 or a date'),
  limit: limit.optional(),
  cursor: cursor.optional(),
});

const text = z.string().nullable();

const output = z.strictObject({
  items: z.array(
    z.strictObject({
      at: z.string(),
      local_time: z.string(),
      actor: z.enum(['connection', 'person', 'system']),
      person: text,
      client: text,
      connection: text,
      tool: z.string(),
      action: z.string().optional(),
      network: text,
      target: text,
      result: z.string(),
    }),
  ),
  outcomes: z.record(z.string(), z.int()).nullable(),
  time_zone: z.string(),
  next_cursor: nextCursor,
});

export const listActivityTool = defineTool({
  name: 'list_activity',
  title: 'List activity',
  description:
    'Who did what, the newest first: people, clients, and the worker that publishes. For what happened last night give from; outcomes then counts what became of posts. What only looked is left out unless tool names it.',
  scope: 'audit:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { post_id, client, tool, ...rest } }) {
    const page = await tellActivity(ctx, caller, { ...rest, postId: post_id, client, action: tool });
    return {
      items: page.items.map((row) => ({
        at: toRfc3339(row.at),
        local_time: row.localTime,
        actor: row.actor,
        person: row.personName,
        client: row.clientName,
        connection: row.connectionId,
        tool: row.action,
        ...(typeof row.detail?.['action'] === 'string' && { action: row.detail['action'] }),
        network: row.network,
        target: row.target,
        result: row.result,
      })),
      outcomes: page.outcomes,
      time_zone: page.timeZone,
      next_cursor: page.nextCursor,
    };
  },
  toText(page) {
    const lines = toLines(page, ({ local_time, tool, action, result, network, target, ...who }) => [
      local_time,
      action ? `${tool} ${action}` : tool,
      result === 'ok' ? null : result,
      network,
      target,
      nameActor(who),
    ]);
    return page.outcomes ? `${nameOutcomes(page.outcomes)}\n${lines}` : lines;
  },
});

type Item = z.output<typeof output>['items'][number];

/** Names are what somebody chose to be called: in quotes, never as words of ours. */
function nameActor({ actor, person, client }: Pick<Item, 'actor' | 'person' | 'client'>): string {
  const name = actor === 'person' ? person : client;
  const quoted = name === null ? '' : JSON.stringify(name);
  return actor === 'system' ? ['the worker', quoted].filter(Boolean).join(' for ') : quoted;
}

function nameOutcomes(outcomes: Record<string, number>): string {
  const counts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  return `Deliveries: ${counts.join(', ') || 'none came to an end'}`;
}
