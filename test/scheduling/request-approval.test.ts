import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import type { PersonCaller } from '../../server/caller.ts';
import type { Context } from '../../server/context.ts';
import { approvePost } from '../../server/deliveries/approve-post.ts';
import { cancelSchedule } from '../../server/deliveries/cancel-schedule.ts';
import { placesOf } from '../../server/deliveries/decide-post.ts';
import { rejectPost } from '../../server/deliveries/reject-post.ts';
import { requestApproval } from '../../server/deliveries/request-approval.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import type { AppError } from '../../server/errors.ts';
import { newId } from '../../server/ids.ts';
import { addRule } from '../../server/policy/edit-rules.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { getPost } from '../../server/posts/get-post.ts';
import { updatePost } from '../../server/posts/update-post.ts';
import type { Role } from '../../server/scopes.ts';
import { connectClient, scopesOf, type TestConnection } from '../domain/connect-client.ts';
import { moveTime } from '../support/move-time.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';

let context: Context;
let owner: TestOwner;
/** May schedule; a person approves. */
let scheduler: TestConnection;
let campaignId: string;
let postId: string;

const AT = '2036-12-01T09:00';
let drafted = 0;

beforeAll(async () => {
  context = await openTestContext();
});
afterAll(async () => context[Symbol.asyncDispose]());

beforeEach(async () => {
  owner = await createOwner(context);
  scheduler = await connectClient(context, owner, scopesOf('schedule'));
  ({ campaignId } = await createCampaign(context, owner.caller, { name: 'Launch', goal: 'Be seen' }));
  postId = await draft();
});

async function draft(text = `Post ${(drafted += 1)}`): Promise<string> {
  const channelIds = [owner.playgroundChannelId];
  return (await createPost(context, scheduler.caller, { campaignId, channelIds, text })).postId;
}

const ask = (more: object = {}) =>
  requestApproval(context, scheduler.caller, { postId, expectedRev: 1, ...more });
const schedule = (at = AT) => schedulePost(context, scheduler.caller, { postId, expectedRev: 1, at });
const edit = (text: string) =>
  updatePost(context, scheduler.caller, { postId, expectedRev: 1, changes: { text } });

/** As the page shows it and the form sends it. */
async function shown() {
  const { rev, contentHash, deliveries } = await getPost(context, owner.caller, { postId });
  const places = placesOf(deliveries.filter(({ isWaitingForDecision }) => isWaitingForDecision));
  return { postId, rev, contentHash, places };
}

async function addMember(role: Role, email: string): Promise<PersonCaller> {
  const personId = newId('person');
  await context.db.person.create({ data: { id: personId, email, name: email, passwordHash: 'none' } });
  await context.db.membership.create({ data: { teamId: owner.team.id, personId, role } });
  return { kind: 'person', teamId: owner.team.id, personId, role };
}

const countRequests = () => context.db.approvalRequest.count({ where: { postId } });
const countDecisions = () => context.db.approval.count({ where: { postId } });
/** The error's code; undefined for what went through. */
function refusalOf(result: PromiseSettledResult<unknown>): string | undefined {
  return result.status === 'rejected' ? (result.reason as AppError).details.code : undefined;
}
const codeOf = (code: string) => ({ details: { code } });

test('a draft without a time is put before a person; it stays a draft', async () => {
  const asked = await ask({ note: 'For Friday' });
  expect(asked).toMatchObject({
    state: 'awaiting_approval',
    approvalUrl: `${context.publicUrl}/posts/${postId}/approve`,
  });
  const days = (asked.expiresAt!.getTime() - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(6.99);
  expect(days).toBeLessThan(7.01);
  const post = await getPost(context, owner.caller, { postId });
  expect(post).toMatchObject({
    state: 'draft',
    approvalUrl: asked.approvalUrl,
    approvalRequest: {
      state: 'open',
      note: 'For Friday',
      reviewerName: null,
      requestedBy: { personName: 'Olivia Owner', clientName: 'Test editor' },
    },
  });
});

test('the same call again, or another for the same revision, finds the request that is there', async () => {
  const first = await ask({ note: 'One' });
  expect(await ask({ note: 'One' })).toEqual(first);
  expect(await ask({ note: 'Two' })).toEqual(first);
  const ten = await Promise.all(Array.from({ length: 10 }, () => ask()));
  expect(new Set(ten.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(await countRequests()).toBe(1);
});

test('a yes counts for that revision: who schedules it need not ask again', async () => {
  await ask();
  const approved = await approvePost(context, owner.caller, await shown());
  expect(approved).toMatchObject({ isUntimed: true, goesOutNow: false, deliveries: [{ state: 'draft' }] });
  expect(await ask()).toEqual({ state: 'approved', approvalUrl: null, expiresAt: null });
  expect((await getPost(context, owner.caller, { postId })).approvalUrl).toBeNull();
  expect((await schedule()).state).toBe('scheduled');
});

test('but a rule that asks because of the time asks for that time', async () => {
  await addRule(context, owner.caller, {
    condition: 'quiet_hours',
    effect: 'ask',
    quietFrom: '00:00',
    quietTo: '23:59',
  });
  await ask();
  await approvePost(context, owner.caller, await shown());
  expect((await schedule()).state).toBe('awaiting_approval');
  expect(await ask()).toMatchObject({
    state: 'awaiting_approval',
    approvalUrl: expect.any(String) as string,
  });
});

test('a no is the answer for that revision, and scheduling it waits for a person', async () => {
  await ask();
  await rejectPost(context, owner.caller, { ...(await shown()), note: 'Too loud' });
  expect(await ask()).toEqual({ state: 'rejected', approvalUrl: null, expiresAt: null });
  expect((await getPost(context, owner.caller, { postId })).approval).toMatchObject({
    decision: 'rejected',
    note: 'Too loud',
  });
  expect((await schedule()).state).toBe('awaiting_approval');
});

test('what waits on the calendar is asked for too, and one yes answers both', async () => {
  await schedule();
  await ask({ note: 'Please look' });
  await approvePost(context, owner.caller, await shown());
  expect(await countDecisions()).toBe(1);
  const post = await getPost(context, owner.caller, { postId });
  expect(post).toMatchObject({
    state: 'scheduled',
    approvalUrl: null,
    approvalRequest: { state: 'answered' },
  });
});

test('nothing that could still go out, a caption that breaks a rule, another revision: nothing is asked', async () => {
  await expect(ask({ expectedRev: 2 })).rejects.toMatchObject(codeOf('stale_revision'));
  await schedule();
  await context.db.delivery.updateMany({
    where: { postId },
    data: { state: 'published', remoteId: newId('playgroundPost'), publishedAt: new Date() },
  });
  await expect(ask()).rejects.toMatchObject(codeOf('nothing_to_approve'));
  const { maxLength } = context.networks.get('playground')!.rules;
  postId = await draft('x'.repeat(maxLength + 1));
  await expect(ask()).rejects.toMatchObject(codeOf('caption_breaks_rule'));
  expect(await context.db.approvalRequest.count({ where: { teamId: owner.team.id } })).toBe(0);
});

describe('it is of one exact revision', () => {
  test('an edit voids it: it answers nothing any more, and the new text needs a request of its own', async () => {
    await ask();
    const before = await shown();
    await edit('Another text');
    const post = await getPost(context, owner.caller, { postId });
    expect(post).toMatchObject({ rev: 2, approvalUrl: null, approvalRequest: null });
    await expect(approvePost(context, owner.caller, before)).rejects.toMatchObject(codeOf('stale_revision'));
    await expect(approvePost(context, owner.caller, await shown())).rejects.toMatchObject(
      codeOf('nothing_waits'),
    );
    await ask({ expectedRev: 2 });
    expect(await countRequests()).toBe(2);
  });

  test('an edit after the yes voids the yes', async () => {
    await ask();
    await approvePost(context, owner.caller, await shown());
    await edit('Another text');
    const scheduled = await schedulePost(context, scheduler.caller, { postId, expectedRev: 2, at: AT });
    expect(scheduled.state).toBe('awaiting_approval');
  });

  test('a row whose content is not what was asked about answers nothing', async () => {
    await ask();
    await context.db.approvalRequest.updateMany({
      where: { postId },
      data: { contentHash: new Uint8Array(32) },
    });
    await expect(approvePost(context, owner.caller, await shown())).rejects.toMatchObject(
      codeOf('nothing_waits'),
    );
  });

  test.each([1, 2, 3, 4])('an edit and a yes at once: never a yes to the new text (%i)', async () => {
    await ask();
    const seen = await shown();
    const [edited, approved] = await Promise.allSettled([
      edit('Slipped in'),
      approvePost(context, owner.caller, seen),
    ]);
    expect(edited.status).toBe('fulfilled');
    expect([undefined, 'stale_revision']).toContain(refusalOf(approved));
    const scheduled = await schedulePost(context, scheduler.caller, { postId, expectedRev: 2, at: AT });
    expect(scheduled.state).toBe('awaiting_approval');
  });

  test('a yes without a time is not to one at which the client put it meanwhile', async () => {
    await ask();
    const seen = await shown();
    await schedule();
    await expect(approvePost(context, owner.caller, seen)).rejects.toMatchObject(codeOf('moved_meanwhile'));
    expect(await countDecisions()).toBe(0);
  });
});

describe('it expires', () => {
  test('after seven days it can no longer be answered, by a yes or by a no', async () => {
    await ask();
    await moveTime(context, { days: 8 });
    const seen = await shown();
    await expect(approvePost(context, owner.caller, seen)).rejects.toMatchObject(codeOf('request_expired'));
    await expect(rejectPost(context, owner.caller, seen)).rejects.toMatchObject(codeOf('request_expired'));
    expect(await countDecisions()).toBe(0);
    const post = await getPost(context, owner.caller, { postId });
    expect(post).toMatchObject({ approvalUrl: null, approvalRequest: { state: 'expired' } });
    expect((await schedule()).state).toBe('awaiting_approval');
  });

  test('asking again asks anew', async () => {
    const first = await ask();
    await moveTime(context, { days: 8 });
    const second = await ask();
    expect(second.expiresAt!.getTime()).toBeGreaterThan(first.expiresAt!.getTime() - 60_000);
    expect(await countRequests()).toBe(2);
    await approvePost(context, owner.caller, await shown());
    expect(await countDecisions()).toBe(1);
  });

  test('a request that has expired does not keep from answering what waits on the calendar', async () => {
    await ask();
    await schedule();
    await moveTime(context, { days: 8 });
    await approvePost(context, owner.caller, await shown());
    expect((await getPost(context, owner.caller, { postId })).state).toBe('scheduled');
  });
});

describe('who is asked, and who may answer', () => {
  test('an owner or editor of the team can be named; any other may answer all the same', async () => {
    const editor = await addMember('editor', 'erin@example.com');
    await ask({ reviewerEmail: ' Erin@Example.com ' });
    expect(await context.db.approvalRequest.findFirst({ where: { postId } })).toMatchObject({
      reviewerId: editor.personId,
    });
    await approvePost(context, owner.caller, await shown());
    expect(await ask()).toMatchObject({ state: 'approved' });
  });

  test('nobody, a viewer, a stranger and a disabled person are refused with the same words', async () => {
    await addMember('viewer', 'vera@example.com');
    const gone = await addMember('editor', 'gone@example.com');
    await context.db.person.update({ where: { id: gone.personId }, data: { disabledAt: new Date() } });
    const stranger = await createOwner(context, { email: 'stranger@example.com' });
    const addresses = [
      'nobody@example.com',
      'vera@example.com',
      'gone@example.com',
      stranger.person.email,
      '%',
    ];
    const refusals = await Promise.allSettled(addresses.map((reviewerEmail) => ask({ reviewerEmail })));
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({
        status: 'rejected',
        reason: { details: { code: 'invalid_reviewer', field: 'reviewer_email' } },
      });
    }
    const words = refusals.map((refusal) => (refusal as PromiseRejectedResult).reason as Error);
    expect(new Set(words.map(({ message }) => message)).size).toBe(1);
    expect(await countRequests()).toBe(0);
  });

  test('a viewer neither asks nor answers', async () => {
    const viewer = await addMember('viewer', 'vic@example.com');
    await expect(
      requestApproval(context, { ...scheduler.caller, role: 'viewer' }, { postId, expectedRev: 1 }),
    ).rejects.toMatchObject(codeOf('viewer'));
    await ask();
    const seen = await shown();
    await expect(approvePost(context, viewer, seen)).rejects.toMatchObject(codeOf('viewer'));
    await expect(rejectPost(context, viewer, seen)).rejects.toMatchObject(codeOf('viewer'));
    expect(await countDecisions()).toBe(0);
  });

  test('a post of another team is not there', async () => {
    await ask();
    const stranger = await createOwner(context);
    const theirs = await connectClient(context, stranger, scopesOf('schedule'));
    await expect(requestApproval(context, theirs.caller, { postId, expectedRev: 1 })).rejects.toMatchObject(
      codeOf('not_found'),
    );
    await expect(approvePost(context, stranger.caller, await shown())).rejects.toMatchObject(
      codeOf('not_found'),
    );
  });
});

describe('at the same moment', () => {
  test.each([1, 2, 3])(
    'two people say yes: one decision is on record, and both are told it is approved (%i)',
    async () => {
      const editor = await addMember('editor', `${newId('person')}@example.com`);
      await ask();
      const seen = await shown();
      await Promise.all([approvePost(context, owner.caller, seen), approvePost(context, editor, seen)]);
      expect(await countDecisions()).toBe(1);
    },
  );

  test.each([1, 2, 3])('a yes and a no: one counts, the other is told so (%i)', async () => {
    await ask();
    const seen = await shown();
    const results = await Promise.allSettled([
      approvePost(context, owner.caller, seen),
      rejectPost(context, owner.caller, seen),
    ]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await countDecisions()).toBe(1);
  });

  test.each([1, 2, 3, 4])(
    'a yes and a cancellation: it is off the schedule, or on it by a yes to it (%i)',
    async () => {
      await schedule();
      const seen = await shown();
      const [approved, cancelled] = await Promise.allSettled([
        approvePost(context, owner.caller, seen),
        cancelSchedule(context, scheduler.caller, { postId }),
      ]);
      expect(cancelled.status).toBe('fulfilled');
      expect((await getPost(context, owner.caller, { postId })).state).toBe('draft');
      expect([undefined, 'nothing_waits']).toContain(refusalOf(approved));
      expect(await countDecisions()).toBe(approved.status === 'fulfilled' ? 1 : 0);
    },
  );

  test('a yes and scheduling: never a yes to a time that was not shown', async () => {
    await ask();
    const seen = await shown();
    const [approved, scheduled] = await Promise.allSettled([
      approvePost(context, owner.caller, seen),
      schedule(),
    ]);
    if (scheduled.status === 'rejected') throw scheduled.reason as Error;
    const isFirst = approved.status === 'fulfilled';
    expect(scheduled.value.state).toBe(isFirst ? 'scheduled' : 'awaiting_approval');
  });
});
