import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';

/** As a person's consent to publishing on every channel: nobody is asked for the first post. @returns the rules' version */
export async function allowPublishing(
  context: Pick<Context, 'db'>,
  { teamId, connectionId, personId }: { teamId: string; connectionId: string; personId: string },
): Promise<number> {
  const rule = { condition: 'first_use', effect: 'allow' };
  await context.db.policyRule.create({
    data: { id: newId('policyRule'), teamId, connectionId, createdById: personId, ...rule },
  });
  const { policyVersion } = await context.db.team.update({
    where: { id: teamId },
    data: { policyVersion: { increment: 1 } },
  });
  return policyVersion;
}
