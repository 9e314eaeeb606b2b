import type Router from '@koa/router';

import { ConnectionPolicyView, type PublishingFormProps } from '../../../views/connection-policy.ts';
import { html } from '../../../views/html.ts';
import { channelName } from '../../../views/networks.ts';
import { listChannels } from '../../channels/list-channels.ts';
import { findConnection, type ConnectionFacts } from '../../clients/connection-facts.ts';
import type { Context } from '../../context.ts';
import { checkPublishingPolicy } from '../../policy/check-publishing-policy.ts';
import { dayBefore } from '../../policy/due-day.ts';
import { changePublishingPolicy } from '../../policy/edit-rules.ts';
import { listRules } from '../../policy/list-rules.ts';
import { mayChangeRulesOf } from '../../policy/may-change-rules.ts';
import { readPublishingPolicy } from '../../policy/publishing-policy.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';

import { ruleFormOf, toFormProblem, toShownRule, tryToAddRule, type FormProblem } from './policy.ts';

/** What one connection publishes unasked, and the rules about it alone. */
export function addConnectionPolicyPage(router: Router, context: Context): void {
  const page = (handle: (page: SignedInPage) => Promise<void>) => signedIn(context, handle, 'connection');
  router.get(
    '/connections/:id/policy',
    page((shown) => showPolicy(shown, {})),
  );
  router.post('/connections/:id/policy', page(changePublishing));
  router.post(
    '/connections/:id/policy/rules',
    page(async (shown) => {
      const rule = (await tryToAddRule(shown, { connectionId: shown.id })) ?? undefined;
      if (rule) await showPolicy(shown, { rule });
      else redirectDone(shown.ctx, `/connections/${shown.id}/policy`, 'rule_added');
    }),
  );
}

async function changePublishing(page: SignedInPage): Promise<void> {
  const { ctx, context, caller, team, id } = page;
  const channels = await listChannels(context, caller, {});
  try {
    const policy = checkPublishingPolicy(
      {
        channelIds: channels.map((channel) => channel.id).filter((channelId) => isTicked(page, channelId)),
        postsPerDay: formField(ctx, 'posts_per_day'),
        lastDay: formField(ctx, 'last_day'),
      },
      team.timeZone,
    );
    await changePublishingPolicy(context, caller, id, policy);
  } catch (error) {
    return showPolicy(page, { publishing: toFormProblem(error) });
  }
  redirectDone(ctx, `/connections/${id}/policy`, 'policy_saved');
}

const isTicked = ({ ctx }: SignedInPage, channelId: string) =>
  formField(ctx, `channel ${channelId}`) === 'yes';

interface PolicyProblems {
  publishing?: FormProblem;
  rule?: FormProblem;
}

async function showPolicy(page: SignedInPage, problems: PolicyProblems): Promise<void> {
  const { ctx, context, caller, viewer, team, id } = page;
  const connection = await findConnection(context, caller, id);
  const rules = await listRules(context, caller, { connectionId: id });
  const mayPublish = connection.scopes.includes('posts:publish');
  const mayChange = connection.state !== 'revoked' && mayChangeRulesOf(caller, connection);
  const form = mayChange
    ? { ...(await ruleFormOf(page, problems.rule)), action: `/connections/${id}/policy/rules`, whos: [] }
    : null;
  const publishing =
    mayChange && mayPublish ? await publishingFormOf(page, rules, problems.publishing) : null;
  const view = html`<${ConnectionPolicyView}
    viewer=${viewer}
    timeZone=${team.timeZone}
    done=${readDoneNotice(ctx)}
    connection=${connection satisfies Pick<ConnectionFacts, 'id' | 'clientName' | 'personName'>}
    rules=${rules.map((rule) => toShownRule(rule, team.timeZone))}
    ...${{ publishing, mayPublish, form }}
  />`;
  renderPage(ctx, view, problems.publishing || problems.rule ? 400 : 200);
}

async function publishingFormOf(
  page: SignedInPage,
  rules: Parameters<typeof readPublishingPolicy>[0],
  problem: FormProblem | undefined,
): Promise<PublishingFormProps> {
  const { ctx, context, caller, team } = page;
  const channels = await listChannels(context, caller, {});
  const { channelIds, postsPerDay, until } = readPublishingPolicy(
    rules,
    channels.map(({ id }) => id),
  );
  return {
    channels: channels.map((channel) => ({
      id: channel.id,
      label: channelName(channel),
      isTicked: problem ? isTicked(page, channel.id) : channelIds.includes(channel.id),
    })),
    postsPerDay: problem ? formField(ctx, 'posts_per_day') : `${postsPerDay ?? ''}`,
    lastDay: problem ? formField(ctx, 'last_day') : until ? dayBefore(until, team.timeZone) : '',
    problem,
  };
}
