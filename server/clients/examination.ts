import type { ClientHistory } from './client-history.ts';
import type { Diagnosis } from './diagnosis.ts';

/** How `npm run doctor` names itself when it examines a server. */
export const DOCTOR_USER_AGENT = 'grantcast-doctor';

/** What the doctor of the server does wrong on purpose is nobody's fault: this is said instead. */
export function findExamination({ steps }: Pick<ClientHistory, 'steps'>): Diagnosis | null {
  const registered = steps.findLast(
    ({ kind, userAgent }) => kind === 'registered' && userAgent === DOCTOR_USER_AGENT,
  );
  if (!registered) return null;
  return {
    mode: 'client_quirk',
    code: 'examination',
    tone: 'note',
    title: 'An examination by npm run doctor',
    seen: [{ text: 'It registered as the doctor of this server.', at: registered.at }],
    meaning: 'Somebody had this server examined. What was refused then was tried on purpose.',
    todo: 'Nothing. A connection that you did not allow for an examination you should revoke.',
  };
}
