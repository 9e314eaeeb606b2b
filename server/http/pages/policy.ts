import type Router from '@koa/router';

import { html } from '../../../views/html.ts';
import { channelName } from '../../../views/networks.ts';
import { PolicyView } from '../../../views/policy.ts';
import { RemoveRuleView } from '../../../views/remove-rule.ts';
import { RULE_FIELDS, type RuleFormProps } from '../../../views/rule-form.ts';
import type { ShownRule } from '../../../views/rule-list.ts';
import { listChannels } from '../../channels/list-channels.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import type { RuleInput } from '../../policy/check-rule.ts';
import { addRule, removeRule } from '../../policy/edit-rules.ts';
import { findRuleSummary, listRuledClients, listRules, type RuleSummary } from '../../policy/list-rules.ts';
import { ruleWords } from '../../policy/rule-words.ts';
import { TOOL_NAMES } from '../../policy/tool-names.ts';
import { readDoneNotice, redirectDone } from '../done-notice.ts';
import { formField } from '../form-body.ts';
import { renderPage } from '../render.ts';
import { signedIn, type SignedInPage } from '../signed-in.ts';
import { tellApart } from './tell-apart.ts';

/** The rules of the team and of its clients, and the way out of any rule. */
export function addPolicyPages(router: Router, context: Context): void {
  router.get(
    '/policy',
    signedIn(context, (page) => showPolicy(page)),
  );

  router.post(
    '/policy',
    signedIn(context, async (page) => {
      const problem = await tryToAddRule(page, readWho(formField(page.ctx, 'who')));
      if (problem) await showPolicy(page, problem);
      else redirectDone(page.ctx, '/policy', 'rule_added');
    }),
  );

  router.get(
    '/policy/rules/:id/remove',
    signedIn(
      context,
      async ({ ctx, caller, viewer, team, id }) => {
        const rule = await findRuleSummary(context.db, caller, id);
        const shown = toShownRule(rule, team.timeZone);
        renderPage(ctx, html`<${RemoveRuleView} viewer=${viewer} rule=${shown} backHref=${pageOf(rule)} />`);
      },
      'policyRule',
    ),
  );

  router.post(
    '/policy/rules/:id/remove',
    signedIn(
      context,
      async ({ ctx, caller, id }) => {
        redirectDone(ctx, pageOf(await removeRule(context, caller, id)), 'rule_removed');
      },
      'policyRule',
    ),
  );
}

/** Why a form was not taken. */
export type FormProblem = NonNullable<RuleFormProps['problem']>;

/** @returns why the rule was not added, to be said on the page; null when it was */
export async function tryToAddRule(
  { ctx, context, caller }: SignedInPage,
  who: Pick<RuleInput, 'clientId' | 'connectionId'>,
): Promise<FormProblem | null> {
  const field = (name: string) => formField(ctx, name).trim() || undefined;
  try {
    await addRule(context, caller, {
      ...who,
      tool: field('tool'),
      channelId: field('channel'),
      condition: formField(ctx, 'condition'),
      effect: formField(ctx, 'effect'),
      postsPerDay: field('posts_per_day'),
      quietFrom: field('quiet_from'),
      quietTo: field('quiet_to'),
      afterAt: field('after_at'),
    });
    return null;
  } catch (error) {
    return toFormProblem(error);
  }
}

/** What a person can put right is said on the page itself. */
export function toFormProblem(error: unknown): FormProblem {
  if (!(error instanceof AppError) || error.kind === 'NotAllowed') throw error;
  return { field: error.details.field, message: error.message };
}

/** What the form needs, but for whom a rule can be about and where it goes. */
export async function ruleFormOf(
  { ctx, context, caller, viewer, team }: SignedInPage,
  problem: FormProblem | undefined,
): Promise<Omit<RuleFormProps, 'action' | 'whos'>> {
  const channels = await listChannels(context, caller, {});
  return {
    csrfToken: viewer.csrfToken,
    teamId: team.id,
    channels: channels.map((channel) => ({ value: channel.id, label: channelName(channel) })),
    tools: TOOL_NAMES,
    mayAllow: caller.role === 'owner',
    timeZone: team.timeZone,
    values: problem ? Object.fromEntries(RULE_FIELDS.map((name) => [name, formField(ctx, name)])) : {},
    problem,
  };
}

export function toShownRule(rule: RuleSummary, timeZone: string): ShownRule {
  return { ...rule, words: ruleWords(rule, timeZone) };
}

async function showPolicy(page: SignedInPage, problem?: FormProblem): Promise<void> {
  const { ctx, context, caller, viewer, team } = page;
  const rules = await listRules(context, caller, {});
  const view = html`<${PolicyView}
    viewer=${viewer}
    timeZone=${team.timeZone}
    done=${readDoneNotice(ctx)}
    rules=${rules.map((rule) => toShownRule(rule, team.timeZone))}
    form=${caller.role === 'owner' ? await teamForm(page, problem) : null}
  />`;
  renderPage(ctx, view, problem ? 400 : 200);
}

async function teamForm(page: SignedInPage, problem: FormProblem | undefined): Promise<RuleFormProps> {
  const clients = await listRuledClients(page.context, page.caller);
  const whos = [
    { value: '', label: 'Every client' },
    ...tellApart(
      clients.map(({ clientId, clientName, redirectHost, connectedAt }) => ({
        value: `client:${clientId}`,
        label: `${clientName} (${redirectHost})`,
        connectedAt,
      })),
      page.team.timeZone,
    ),
    ...tellApart(
      clients.flatMap(({ clientName, connections }) =>
        connections.map(({ id, personName, connectedAt }) => ({
          value: `connection:${id}`,
          label: `${clientName} of ${personName}, this connection alone`,
          connectedAt,
        })),
      ),
      page.team.timeZone,
    ),
  ];
  return { ...(await ruleFormOf(page, problem)), action: '/policy', whos };
}

function readWho(who: string): Pick<RuleInput, 'clientId' | 'connectionId'> {
  if (who.startsWith('client:')) return { clientId: who.slice('client:'.length) };
  if (who.startsWith('connection:')) return { connectionId: who.slice('connection:'.length) };
  return {};
}

function pageOf({ connectionId }: RuleSummary): string {
  return connectionId ? `/connections/${connectionId}/policy` : '/policy';
}
