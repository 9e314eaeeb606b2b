import { sealCredentials } from '../../server/channels/credentials.ts';
import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import type { FakePds } from '../support/fakes/fake-pds.ts';
import type { PublishingTeam } from './fixtures.ts';

/** A Bluesky channel of the team whose account lives on the fake server. */
export async function createFakeChannel(
  context: Context,
  team: PublishingTeam,
  fake: FakePds,
): Promise<string> {
  const id = newId('channel');
  const credentials = JSON.stringify({
    serviceUrl: fake.url,
    accessJwt: fake.accessJwt,
    refreshJwt: 'refresh-token',
  });
  await context.db.channel.create({
    data: {
      id,
      teamId: team.team.id,
      network: 'bluesky',
      handle: 'alice.test',
      remoteAccountId: `did:plc:${id.slice(-24)}`,
      credentials: sealCredentials(context, { teamId: team.team.id, channelId: id }, credentials),
    },
  });
  return id;
}
