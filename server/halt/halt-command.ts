import type { KillSwitchInput } from '../deliveries/set-kill-switch.ts';
import { isNetworkId } from '../networks/find-rules.ts';

export type HaltCommand =
  | ({ action: 'stop' } & KillSwitchInput)
  | ({ action: 'lift' } & Pick<KillSwitchInput, 'kind' | 'target'>)
  | { action: 'list' };

/** What the operator typed after `npm run halt --`; null when it is no such command. */
export function readHaltCommand(words: readonly string[]): HaltCommand | null {
  if (words.length === 0) return { action: 'list' };
  const isLift = words[0] === 'lift';
  const [kind, ...rest] = isLift ? words.slice(1) : words;
  if (kind !== 'everything' && kind !== 'network') return null;
  const target = kind === 'network' ? (rest.shift() ?? '') : null;
  if (target !== null && !isNetworkId(target)) return null;
  if (isLift) return rest.length === 0 ? { action: 'lift', kind, target } : null;
  return rest.length > 0 ? { action: 'stop', kind, target, reason: rest.join(' ') } : null;
}
