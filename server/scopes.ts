/** The eleven scopes, in the order in which every list of them is shown and sent. What people read is in views/words. */
export const SCOPES = [
  'campaigns:read',
  'campaigns:write',
  'captions:read',
  'captions:write',
  'schedule:read',
  'schedule:write',
  'posts:publish',
  'analytics:read',
  'audit:read',
  'media:read',
  'media:write',
] as const;

export type Scope = (typeof SCOPES)[number];

export const PRESET_IDS = ['look', 'draft', 'schedule', 'publish'] as const;
export type PresetId = (typeof PRESET_IDS)[number];

export interface Preset {
  id: PresetId;
  scopes: readonly Scope[];
}

const LOOK = SCOPES.filter((scope) => scope.endsWith(':read'));
const DRAFT: Scope[] = [...LOOK, 'campaigns:write', 'captions:write', 'media:write'];
const SCHEDULE: Scope[] = [...DRAFT, 'schedule:write'];
const PUBLISH: Scope[] = [...SCHEDULE, 'posts:publish'];

/** The consent page's choices, from least to most; each contains the one before it. */
export const PRESETS: readonly Preset[] = [
  { id: 'look', scopes: inOrder(LOOK) },
  { id: 'draft', scopes: inOrder(DRAFT) },
  { id: 'schedule', scopes: inOrder(SCHEDULE) },
  { id: 'publish', scopes: inOrder(PUBLISH) },
];

export const DEFAULT_PRESET: PresetId = 'schedule';

export function isScope(value: string): value is Scope {
  return (SCOPES as readonly string[]).includes(value);
}

/** The known scopes of a space-separated list, once each and in order; unknown ones are dropped, not refused. */
export function parseScopes(list: string): Scope[] {
  return inOrder(list.split(/\s+/).filter(isScope));
}

/**
 * Who may change something may look at it: the read scope of each write scope is granted with it, whether it was asked for
 * or not. Nothing else implies anything; in particular, publishing implies no scheduling.
 */
export function withImplied(scopes: readonly Scope[]): Scope[] {
  const implied = scopes.map((scope) => scope.replace(/:write$/, ':read')).filter(isScope);
  return inOrder([...scopes, ...implied]);
}

/** The same in fewer words: what another scope of the list implies is left out. */
export function withoutImplied(scopes: readonly Scope[]): Scope[] {
  return scopes.filter((scope) =>
    scopes.every((other) => other === scope || !withImplied([other]).includes(scope)),
  );
}

export type Role = 'owner' | 'editor' | 'viewer';

/** A viewer's connection can only look, whatever was granted. */
export function roleAllows(role: Role, scope: Scope): boolean {
  return role !== 'viewer' || scope.endsWith(':read');
}

function inOrder(scopes: readonly Scope[]): Scope[] {
  return SCOPES.filter((scope) => scopes.includes(scope));
}
