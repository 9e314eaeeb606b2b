import type { Context } from '../../../server/context.ts';
import { newId } from '../../../server/ids.ts';
import type { Tool } from '../../../server/mcp/define-tool.ts';
import { modernRequest, type ServedMcp } from '../../mcp/serve-mcp.ts';
import { findIdArguments, inputsTaking, type IdArgument, type KnownKind } from '../../tools/id-arguments.ts';
import { readTeamState } from '../../tools/team-state.ts';
import type { World } from '../../tools/world.ts';

export interface MatrixResult {
  cases: number;
  /** Each case that let something out or in, in words. */
  leaks: string[];
}

export interface TenantMatrix {
  context: Context;
  served: ServedMcp;
  tools: readonly Tool[];
  ours: World;
  theirs: World;
  /** Stands in every text of the other team. */
  secret: string;
  /** Of somebody in our team who may only look, and of somebody who is no longer in it. */
  viewerToken: string;
  formerToken: string;
}

/** Every tool x every id that it takes x every good input with it x whose id it is or who asks, over the endpoint with real tokens. */
export async function runTenantMatrix(matrix: TenantMatrix): Promise<MatrixResult> {
  const { context, ours, theirs } = matrix;
  const readStates = async () => ({
    ours: JSON.stringify(await readTeamState(context, ours.owner.team.id)),
    theirs: JSON.stringify(await readTeamState(context, theirs.owner.team.id)),
  });
  const result: MatrixResult = { cases: 0, leaks: [] };
  let before = await readStates();
  const places = matrix.tools
    .flatMap(findIdArguments)
    .flatMap((argument) => inputsTaking(argument, ours).map((withIds) => ({ argument, withIds })));
  for (const { argument, withIds } of places) {
    const { tool, path, kind, isInList } = argument;
    const ask = (ids: string[], token: string) => call(matrix, tool, withIds(ids), token);
    const nothing = NOTHING[kind];
    const ofNothing = await ask([nothing], ours.connection.token);
    for (const { name, ids, token, isAllowed = false } of casesOf(matrix, argument)) {
      const answer = await ask(ids, token);
      const isAsOfNothing = () =>
        answer.isError
          ? answer.text.replaceAll(ids[0]!, nothing) === ofNothing.text
          : !hasItems(answer) || hasItems(ofNothing);
      const after = await readStates();
      const problem =
        judge(matrix, answer, ids) ??
        (isInList && answer.text.includes(idOf(theirs, kind)) && !answer.isError ? 'was found' : null) ??
        (after.theirs !== before.theirs ? 'changed the other team' : null) ??
        (after.ours !== before.ours ? 'was refused and changed something' : null) ??
        (answer.isError || isAllowed || isFilter(argument) ? null : 'was served') ??
        (name !== FOREIGN || isAsOfNothing() ? null : 'is not told as an id of nothing is');
      if (problem) result.leaks.push(`${tool.name} ${path.join('.')} ${name}: ${problem}`);
      result.cases += 1;
      before = after;
    }
  }
  return result;
}

const FOREIGN = 'of another team';

/** Always the same, so that what is remembered of being asked about it (activity) is as much as of a foreign one. */
const NOTHING: Readonly<Record<KnownKind, string>> = {
  campaign: newId('campaign'),
  post: newId('post'),
  channel: newId('channel'),
  media: newId('media'),
  connection: newId('connection'),
};

/** A list filtered by what is not there is empty, which is a good answer. */
const isFilter = ({ tool }: IdArgument) => tool.name.startsWith('list_');

const hasItems = ({ text }: Answer) => /"items":\[\{/.test(text);

interface Case {
  name: string;
  ids: string[];
  token: string;
  /** A good answer is right. */
  isAllowed?: boolean;
}

function casesOf({ ours, theirs, viewerToken, formerToken }: TenantMatrix, argument: IdArgument): Case[] {
  const { tool, kind, isInList } = argument;
  const good = idOf(ours, kind);
  const token = ours.connection.token;
  const other = kind === 'campaign' ? 'channel' : 'campaign';
  return [
    { name: FOREIGN, ids: [idOf(theirs, kind)], token },
    { name: 'of nothing', ids: [NOTHING[kind]], token },
    { name: 'of what is gone', ids: [goneOf(ours, kind)], token, isAllowed: true },
    { name: 'of another kind', ids: [idOf(theirs, other)], token },
    { name: 'asked by a viewer', ids: [good], token: viewerToken, isAllowed: tool.annotations.readOnlyHint },
    { name: 'asked by a former member', ids: [good], token: formerToken },
    ...(isInList ? [{ name: 'of both teams', ids: [good, idOf(theirs, kind)], token }] : []),
  ];
}

interface Answer {
  status: number;
  isError: boolean;
  text: string;
}

async function call(
  { served }: TenantMatrix,
  { name }: Tool,
  input: Record<string, unknown>,
  token: string,
): Promise<Answer> {
  const request = modernRequest('tools/call', { name, arguments: input });
  const response = await served.post(request.body, { ...request.headers, authorization: `Bearer ${token}` });
  const text = await response.text();
  return {
    status: response.status,
    isError: response.status !== 200 || text.includes('"isError":true'),
    text,
  };
}

/** What must never be in an answer: a text or an id of the other team, but for the id that was asked about. */
function judge({ theirs, secret }: TenantMatrix, { text }: Answer, ids: readonly string[]): string | null {
  if (text.includes(secret)) return 'tells a text of the other team';
  const known = [...idsOf(theirs)].filter((id) => !ids.includes(id));
  return known.some((id) => text.includes(id)) ? 'tells an id of the other team' : null;
}

function* idsOf({ owner, connection, gone, ...ids }: World): Generator<string> {
  yield* [owner.team.id, owner.person.id, connection.caller.connectionId];
  for (const id of [...Object.values(ids), ...Object.values(gone)]) if (typeof id === 'string') yield id;
}

const idOf = (world: World, kind: KnownKind) =>
  kind === 'connection' ? world.connection.caller.connectionId : world[`${kind}Id`];

const goneOf = ({ gone }: World, kind: KnownKind) =>
  kind === 'connection' ? newId('connection') : gone[`${kind}Id`];
