import type { Caller } from '../caller.ts';
import type { Transaction } from '../database/client.ts';
import { invalidInput } from '../errors.ts';

/**
 * The person of the team who may approve and signs in with this address.
 * @throws AppError InvalidInput (`invalid_reviewer`), the same whether the address is nobody's, a stranger's or a viewer's
 */
export async function findReviewer(
  tx: Pick<Transaction, '$queryRaw'>,
  { teamId }: Caller,
  email: string,
): Promise<string> {
  const [person] = await tx.$queryRaw<{ id: string }[]>`
    select p.id from membership m join person p on p.id = m.person_id
    where m.team_id = ${teamId} and p.email = ${email.trim().toLowerCase()} and m.role in ('owner', 'editor')
      and p.disabled_at is null`;
  if (person) return person.id;
  throw invalidInput({
    code: 'invalid_reviewer',
    field: 'reviewer_email',
    message: 'Nobody in this team who may approve signs in with this address.',
    nextStep:
      'Leave reviewer_email out to ask everybody who may approve, or ask the person for the right address.',
  });
}
