import {
  DEFAULT_PRESET,
  PRESETS,
  roleAllows,
  withImplied,
  type Preset,
  type PresetId,
  type Role,
  type Scope,
} from '../scopes.ts';

/** The presets that differ for this request, each cut down to what the client asked for. */
export function offerPresets(requested: readonly Scope[]): Preset[] {
  const offered: Preset[] = [];
  for (const preset of PRESETS) {
    const scopes = preset.scopes.filter((scope) => requested.includes(scope));
    const isMore = scopes.length > (offered.at(-1)?.scopes.length ?? 0);
    if (isMore) offered.push({ ...preset, scopes });
  }
  return offered;
}

/** What a preset would give: never more than the client asked for, nor than the person may do in that team. */
export function scopesOfChoice(choice: {
  presetId: PresetId;
  requested: readonly Scope[];
  role: Role;
}): Scope[] {
  const preset = PRESETS.find(({ id }) => id === choice.presetId);
  if (!preset) return [];
  return preset.scopes.filter((scope) => choice.requested.includes(scope) && roleAllows(choice.role, scope));
}

/** Of these, what stays ticked; with each permission to change something goes the one to look at it. */
export function narrowScopes(scopes: readonly Scope[], ticked: readonly Scope[]): Scope[] {
  const kept = withImplied(scopes.filter((scope) => ticked.includes(scope)));
  return scopes.filter((scope) => kept.includes(scope));
}

/**
 * The usual choice, or the most that is offered below it. For more (a step-up) all that is offered; and never more than
 * what the person allowed this client before, unless it asks for more.
 */
export function preselectPreset(
  offered: readonly Preset[],
  earlier: { scopes: readonly Scope[]; isStepUp: boolean } | undefined,
): PresetId {
  if (earlier?.isStepUp) return offered.at(-1)?.id ?? DEFAULT_PRESET;
  const usual = PRESETS.findIndex(({ id }) => id === DEFAULT_PRESET);
  const upToUsual = PRESETS.slice(0, usual + 1).map(({ id }) => id);
  const modest = offered.filter(({ id }) => upToUsual.includes(id));
  const enough = earlier && modest.find(({ scopes }) => containsAll(scopes, earlier.scopes, modest));
  return enough?.id ?? modest.at(-1)?.id ?? offered[0]?.id ?? DEFAULT_PRESET;
}

/** Whether a preset gives back what was allowed, as far as any of them does. */
function containsAll(
  scopes: readonly Scope[],
  allowed: readonly Scope[],
  offered: readonly Preset[],
): boolean {
  const possible = offered.at(-1)?.scopes ?? [];
  return allowed.every((scope) => scopes.includes(scope) || !possible.includes(scope));
}
