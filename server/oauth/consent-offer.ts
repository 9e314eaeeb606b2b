import {
  DEFAULT_PRESET,
  PRESETS,
  roleAllows,
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

/** Never more than the client asked for, and never more than the person may do in that team. */
export function grantScopes(choice: {
  presetId: PresetId;
  requested: readonly Scope[];
  role: Role;
}): Scope[] {
  const preset = PRESETS.find(({ id }) => id === choice.presetId);
  if (!preset) return [];
  return preset.scopes.filter((scope) => choice.requested.includes(scope) && roleAllows(choice.role, scope));
}

/** The usual choice, or the most that is offered below it. */
export function preselectPreset(offered: readonly Preset[]): PresetId {
  const usual = PRESETS.findIndex(({ id }) => id === DEFAULT_PRESET);
  const upToUsual = PRESETS.slice(0, usual + 1).map(({ id }) => id);
  return offered.findLast(({ id }) => upToUsual.includes(id))?.id ?? offered[0]?.id ?? DEFAULT_PRESET;
}
