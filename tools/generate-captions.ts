import { z } from 'zod';

import { CAPTION_NETWORKS } from '../server/captions/caption-brief.ts';
import { generateCaptions } from '../server/captions/generate-captions.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import { campaignId, line, text } from '../server/mcp/params.ts';
import { toBrief } from '../server/mcp/to-brief.ts';

const network = z.enum(CAPTION_NETWORKS);

const input = z.strictObject({
  campaign_id: campaignId,
  networks: z.array(network).min(1).max(CAPTION_NETWORKS.length),
  count: z.int().min(1).max(5).optional().describe('Per network; default 2'),
  tone: line(200).optional(),
  source_text: text(50_000).optional().describe('What to write about'),
  source_url: z.url().max(2000).optional().describe('Or a public page'),
});

const output = z.strictObject({
  mode: z.enum(['generated', 'host_writes']),
  candidates: z.array(z.strictObject({ network, text: z.string(), count: z.int(), limit: z.int() })),
  dropped: z.int(),
  writing_brief: z.record(z.string(), z.unknown()).nullable(),
  rules: z.array(z.strictObject({ network, limit: z.int(), rules: z.array(z.string()) })),
});

export const generateCaptionsTool = defineTool({
  name: 'generate_captions',
  title: 'Write captions',
  description:
    'Captions per network from the brief of a campaign; nothing is saved. In mode host_writes you write them, from writing_brief and by rules. Then give them to create_post.',
  scope: 'captions:write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  input,
  output,
  async run({ ctx, caller, input: wish }) {
    const generated = await generateCaptions(ctx, caller, {
      campaignId: wish.campaign_id,
      networks: wish.networks,
      count: wish.count ?? 2,
      tone: wish.tone,
      sourceText: wish.source_text,
      sourceUrl: wish.source_url,
    });
    if (generated.mode === 'host_writes') return toBrief(generated.brief);
    const { candidates, droppedCount } = generated.written;
    return { mode: generated.mode, candidates, dropped: droppedCount, writing_brief: null, rules: [] };
  },
});
