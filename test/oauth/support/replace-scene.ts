import { createCampaign } from '../../../server/campaigns/create-campaign.ts';
import { addPost } from '../../http/support/scene.ts';
import {
  findWayBack,
  type OAuthClient,
  type Page,
  type ScriptedBrowser,
  type TokenAnswer,
} from '../../support/oauth-client.ts';
import type { OAuthApp } from './oauth-app.ts';

export interface ReplaceScene {
  /** A post of the team, waiting under a connection in a state. @returns its delivery's id */
  addDelivery(input: {
    connectionId: string;
    state: string;
    data?: Record<string, unknown>;
  }): Promise<string>;
  /** Says yes to what a delivery would send. */
  approveDelivery(deliveryId: string): Promise<void>;
  readDelivery(id: string): Promise<{
    state: string;
    scheduledByConnectionId: string | null;
    problemCode: string | null;
    fence: number;
  }>;
  /** Opens the page, answers it and exchanges the code. */
  connect(input: ConnectInput): Promise<{ connectionId: string; page: Page; tokens: TokenAnswer }>;
}

export interface ConnectInput {
  client: OAuthClient;
  browser: ScriptedBrowser;
  scope?: string;
  answer?: Record<string, string | null>;
}

export async function createReplaceScene(app: OAuthApp): Promise<ReplaceScene> {
  const { context, owner } = app;
  const { campaignId } = await createCampaign(context, owner.caller, {
    name: 'Opening week',
    goal: 'Fill the shop',
    audience: 'Neighbours',
    keyMessages: [],
    channelIds: [owner.playgroundChannelId],
  });
  const scene = { owner: owner.caller, channelId: owner.playgroundChannelId, campaignId };
  return {
    async addDelivery({ connectionId, state, data = {} }) {
      // What a worker holds has a lease from the first moment on.
      const isHeldByWorker = 'leaseUntil' in data;
      const first = isHeldByWorker ? 'scheduled' : state;
      const postId = await addPost(context, scene, { text: 'Fresh bread.', state: first, connectionId });
      const { id } = await context.db.delivery.findFirstOrThrow({ where: { postId } });
      await context.db.delivery.update({ where: { id }, data: { state, ...data } });
      return id;
    },
    async approveDelivery(deliveryId) {
      await context.db.$executeRaw`
        insert into approval (id, team_id, post_id, rev, content_hash, person_id, decision, created_at)
        select 'apr_' || d.id, d.team_id, d.post_id, d.rev, r.content_hash, ${owner.person.id}, 'approved', clock_timestamp()
        from delivery d join post_revision r on r.post_id = d.post_id and r.rev = d.rev
        where d.id = ${deliveryId}`;
    },
    readDelivery: (id) =>
      context.db.delivery.findUniqueOrThrow({
        where: { id },
        select: { state: true, scheduledByConnectionId: true, problemCode: true, fence: true },
      }),
    async connect({ client, browser, scope, answer = {} }) {
      const request = client.startAuthorization(scope ? { scope } : {});
      const page = await browser.open(request.url);
      const code = new URL(findWayBack(await browser.submit(page, 'Allow', answer))).searchParams.get(
        'code',
      )!;
      const response = await client.exchange(code, request);
      const { id } = await context.db.connection.findFirstOrThrow({
        where: { clientId: client.clientId },
        orderBy: { createdAt: 'desc' },
      });
      return { connectionId: id, page, tokens: (await response.json()) as TokenAnswer };
    },
  };
}
