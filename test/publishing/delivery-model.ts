import type { DeliveryState } from '../../server/deliveries/delivery-state.ts';
import type { GuaranteeClass } from '../../server/networks/network.ts';

export type WorkerNo = 0 | 1;
/** What becomes of a send: it is taken; it never arrives; it is cut off and arrives within the quarantine. */
export type Fate = 'taken' | 'lost' | 'late';

/** What a worker believes, whether it is still true or not. */
export interface ModelWorker {
  fence: number;
  isForSending: boolean;
  isForReading: boolean;
  /** Begun, and not settled by it yet. */
  sending: { partNo: number; fate: Fate } | null;
  /** Looked for, and not settled by it yet: the part, and whether it was there. */
  looked: { partNo: number; isThere: boolean } | null;
}

/** One delivery as it must be: kept beside PostgreSQL's row, by the words of the state machine and none of its statements. */
export interface DeliveryModel {
  guarantee: GuaranteeClass;
  state: DeliveryState;
  fence: number;
  lease: 'none' | 'live' | 'over';
  isDue: boolean;
  isTooLate: boolean;
  isStopped: boolean;
  problemCode: string | null;
  deaths: number;
  emptyReads: number;
  resends: number;
  /** Parts that are known to be live, of so many. */
  liveParts: number;
  partCount: number;
  workers: Record<WorkerNo, ModelWorker | null>;
  /** What the network shows, as often as it shows it. */
  shown: { partNo: number; key: string }[];
  /** Cut off, and not there yet. */
  underWay: { partNo: number; key: string }[];
  /** Of the open part: a send of it may have been taken, and nothing has proved since that it was not. */
  isUnproved: boolean;
  /** Of the open part: a send of these bytes ended without an answer, whatever was found out since. */
  wasUnclear: boolean;
  /** It may have been sent, as far as PostgreSQL's row knows. */
  hasSendStart: boolean;
  emptyReadsInARow: number;
  sendsOfPart: number;
}

const MAX_DEATHS = 3;

export function newModel(guarantee: GuaranteeClass, partCount: number): DeliveryModel {
  return {
    ...{ guarantee, partCount, state: 'scheduled', fence: 0, lease: 'none', isDue: true, isTooLate: false },
    ...{ isStopped: false, problemCode: null, deaths: 0, emptyReads: 0, resends: 0, liveParts: 0 },
    ...{ workers: { 0: null, 1: null }, shown: [], underWay: [] },
    ...{ isUnproved: false, wasUnclear: false, hasSendStart: false, emptyReadsInARow: 0, sendsOfPart: 0 },
  };
}

/** @returns the worker when what it believes is true */
export function holder(model: DeliveryModel, no: WorkerNo, states: readonly DeliveryState[]) {
  const worker = model.workers[no];
  return worker?.fence === model.fence && states.includes(model.state) ? worker : null;
}

function rest(model: DeliveryModel, state: DeliveryState, isDue = model.isDue): void {
  Object.assign(model, { state, isDue, lease: 'none' });
}

export function claim(model: DeliveryModel, no: WorkerNo, isAlone: boolean): void {
  const isAbandoned = model.lease === 'over';
  const deaths = model.deaths + (isAbandoned ? 1 : 0);
  const { state } = model;
  const isToBeDone =
    ((state === 'scheduled' || state === 'unknown') && model.isDue && model.lease !== 'live') ||
    ((state === 'claimed' || state === 'prepared') && isAbandoned);
  if (!isToBeDone || (!isAlone && deaths > 1)) return;
  Object.assign(model, { deaths, fence: model.fence + 1, problemCode: null });
  const end = (to: DeliveryState, problemCode: string) => {
    rest(model, to);
    model.problemCode = problemCode;
  };
  if (state === 'unknown' && deaths > MAX_DEATHS) return end('needs_attention', 'read_back_failed');
  if (state !== 'unknown') {
    const isMaybeSent = model.hasSendStart;
    if (deaths >= MAX_DEATHS) return end('needs_attention', isMaybeSent ? 'outcome_unknown' : 'worker_died');
    if (model.isTooLate && isMaybeSent) return end('needs_attention', 'outcome_unknown');
    if (model.isTooLate)
      return model.liveParts > 0 ? end('needs_attention', 'thread_incomplete') : end('missed', 'too_late');
    if (model.isStopped) return end('held', 'publishing_stopped');
    model.state = 'claimed';
  }
  model.lease = 'live';
  model.workers[no] = {
    fence: model.fence,
    isForSending: state !== 'unknown',
    isForReading: state === 'unknown',
    sending: null,
    looked: null,
  };
}

export function prepare(model: DeliveryModel, no: WorkerNo): void {
  if (holder(model, no, ['claimed', 'prepared']) && model.lease === 'live') model.state = 'prepared';
}

/** @returns whether the one call may be made */
export function passGuard(model: DeliveryModel, no: WorkerNo, fate: Fate): boolean {
  const worker = holder(model, no, ['prepared']);
  if (!worker || model.lease !== 'live') return false;
  if (model.isTooLate) {
    const cut = model.liveParts > 0 ? 'thread_incomplete' : 'too_late';
    model.problemCode = model.hasSendStart ? 'outcome_unknown' : cut;
    rest(model, model.problemCode === 'too_late' ? 'missed' : 'needs_attention');
    return false;
  }
  if (model.isStopped) {
    model.problemCode = 'publishing_stopped';
    rest(model, 'held');
    return false;
  }
  Object.assign(model, { state: 'sending', problemCode: null, hasSendStart: true });
  model.sendsOfPart += 1;
  worker.sending = { partNo: model.liveParts + 1, fate };
  return true;
}

export type SendEnd = 'published' | 'again' | 'stopped' | 'unclear';

export function settleSend(model: DeliveryModel, no: WorkerNo, end: SendEnd): void {
  const worker = holder(model, no, ['sending']);
  if (!worker?.sending) return;
  worker.sending = null;
  Object.assign(model, { deaths: 0, emptyReads: 0 });
  if (end === 'published') {
    goOnAfterLive(model, 'prepared');
    if (model.state === 'prepared') model.resends = 0;
  } else if (end === 'again') {
    rest(model, 'scheduled', true);
  } else if (end === 'stopped') {
    const known = model.liveParts > 0 ? 'thread_incomplete' : 'refused';
    model.problemCode = model.wasUnclear ? 'outcome_unknown' : known;
    rest(model, model.problemCode === 'refused' ? 'failed' : 'needs_attention');
  } else {
    becomeUnclear(model);
  }
  model.hasSendStart = model.wasUnclear;
}

function goOnAfterLive(model: DeliveryModel, next: 'prepared' | 'scheduled'): void {
  model.liveParts += 1;
  Object.assign(model, { isUnproved: false, wasUnclear: false, hasSendStart: false });
  Object.assign(model, { emptyReadsInARow: 0, sendsOfPart: 0, problemCode: null });
  if (model.liveParts === model.partCount) rest(model, 'published');
  else if (next === 'scheduled') rest(model, 'scheduled', true);
  else model.state = 'prepared';
}

function becomeUnclear(model: DeliveryModel): void {
  rest(model, 'unknown', false);
  Object.assign(model, { isUnproved: true, wasUnclear: true, emptyReadsInARow: 0, problemCode: null });
}

export type ReadEnd = 'found' | 'not_found' | 'ambiguous' | 'rejected' | 'unreadable';

export function settleRead(model: DeliveryModel, no: WorkerNo, end: ReadEnd): void {
  if (!holder(model, no, ['unknown'])) return;
  if (end === 'found') {
    Object.assign(model, { deaths: 0, emptyReads: 0 });
    goOnAfterLive(model, 'scheduled');
    if (model.state === 'scheduled') model.resends = 0;
    return;
  }
  model.problemCode = null;
  if (end === 'ambiguous') return rest(model, 'unknown', false);
  if (end === 'not_found') {
    model.emptyReadsInARow += 1;
    if (model.emptyReadsInARow >= 2) model.isUnproved = false;
    if (model.emptyReads < 1) {
      model.emptyReads += 1;
      return rest(model, 'unknown', false);
    }
    model.emptyReads = 0;
    const most = { exact: 2, idempotent: 2, read_back: 1, none: 0 }[model.guarantee];
    if (model.resends < most && model.deaths < MAX_DEATHS) {
      model.resends += 1;
      return rest(model, 'scheduled', true);
    }
  }
  model.problemCode = end === 'rejected' ? 'read_back_failed' : 'outcome_unknown';
  rest(model, 'needs_attention');
}

export type PrepareEnd = 'again' | 'failed' | 'held';

export function settlePrepare(model: DeliveryModel, no: WorkerNo, end: PrepareEnd): void {
  if (!holder(model, no, ['claimed', 'prepared'])) return;
  const isForPerson = end === 'failed' && (model.liveParts > 0 || model.hasSendStart);
  const cut = model.hasSendStart ? 'outcome_unknown' : 'thread_incomplete';
  model.deaths = 0;
  model.problemCode = isForPerson ? cut : end === 'again' ? null : end;
  rest(
    model,
    isForPerson ? 'needs_attention' : end === 'again' ? 'scheduled' : end,
    end === 'again' || model.isDue,
  );
}

export function putBack(model: DeliveryModel, no: WorkerNo): void {
  if (model.lease === 'none' || !holder(model, no, ['claimed', 'prepared', 'unknown'])) return;
  rest(model, model.state === 'unknown' ? 'unknown' : 'scheduled', false);
}

/** What was being sent when its lease ended. */
export function expire(model: DeliveryModel): void {
  if (model.state !== 'sending' || model.lease !== 'over') return;
  model.deaths += 1;
  model.emptyReads = 0;
  becomeUnclear(model);
}

/** What is cut off arrives, then every wait is over. */
export function passTime(model: DeliveryModel): void {
  model.isDue = true;
  for (const post of model.underWay.splice(0)) show(model, post);
}

/** A network with keys shows what it knows once. */
export function show(model: DeliveryModel, post: { partNo: number; key: string }): void {
  const hasKeys = model.guarantee === 'exact' || model.guarantee === 'idempotent';
  if (hasKeys && model.shown.some(({ key }) => key === post.key)) return;
  model.shown.push(post);
}

export function missLate(model: DeliveryModel): void {
  if (model.state !== 'held' || !model.isTooLate || model.liveParts > 0 || model.hasSendStart) return;
  Object.assign(model, { state: 'missed', problemCode: 'too_late' });
}

export function lift(model: DeliveryModel): void {
  model.isStopped = false;
  if (model.state !== 'held' || model.problemCode !== 'publishing_stopped') return;
  const isMissed = model.isTooLate && model.liveParts === 0 && !model.hasSendStart;
  Object.assign(model, {
    state: isMissed ? 'missed' : 'scheduled',
    problemCode: isMissed ? 'too_late' : null,
  });
}
