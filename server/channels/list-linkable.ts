import type { Context } from '../context.ts';
import { warnOfVersion } from '../networks/api-versions.ts';
import type { Network, Price } from '../networks/network.ts';

/** The same text without and with an address, to tell what each costs. */
const SAMPLES = ['A post', 'A post https://example.com'] as const;

export interface LinkableSummary {
  id: string;
  isProven: boolean;
  /** Settings without which nobody can link; empty when it is ready. */
  missingSettings: readonly string[];
  /** What a post costs there, without and with an address in it; null where the network charges nothing. */
  prices: { plain: Price; withLink: Price } | null;
  /** For the operator: the version of its API that this server asks for ends soon; null: it does not. */
  versionWarning: string | null;
}

/** Networks that are linked by a form of ours, too. */
const BY_FORM: ReadonlySet<string> = new Set(['bluesky']);

/** The networks whose accounts can be linked, ready or not. */
export function listLinkable(context: Context): LinkableSummary[] {
  return [...context.networks.values()]
    .filter(({ id, link }) => link !== undefined || BY_FORM.has(id))
    .map((network) => ({
      id: network.id,
      isProven: network.isProven,
      missingSettings: BY_FORM.has(network.id) ? [] : network.link!.missingSettings,
      prices: pricesOf(network),
      versionWarning: findVersionWarning(context, network),
    }));
}

function pricesOf({ priceOf }: Network): LinkableSummary['prices'] {
  if (!priceOf) return null;
  return { plain: priceOf([SAMPLES[0]]), withLink: priceOf([SAMPLES[1]]) };
}

function findVersionWarning({ config }: Context, { id }: Network): string | null {
  const { linkedin, instagram, facebook } = config.networks;
  const now = new Date();
  switch (id) {
    case 'linkedin':
      return warnOfVersion('LINKEDIN_VERSION', linkedin.version, now);
    case 'instagram':
      return warnOfVersion('META_GRAPH_VERSION', instagram.graphVersion, now);
    case 'facebook':
      return warnOfVersion('META_GRAPH_VERSION', facebook.graphVersion, now);
    default:
      return null;
  }
}
