import type { Context } from '../context.ts';
import { API_VERSIONS, type ApiVersion } from '../networks/api-versions.ts';
import type { Network, Price } from '../networks/network.ts';

/** The same text without and with an address, to tell what each costs. */
const SAMPLES = ['A post', 'A post https://example.com'] as const;
const WARN_DAYS = 90;

export interface LinkableSummary {
  id: string;
  isProven: boolean;
  /** Settings without which nobody can link; empty when it is ready. */
  missingSettings: readonly string[];
  /** What a post costs there, without and with an address in it; null where the network charges nothing. */
  prices: { plain: Price; withLink: Price } | null;
  /** The version of its API that this server asks for and that ends within 90 days; null: none. */
  endingVersion: ApiVersion | null;
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
      endingVersion: findEndingVersion(context, network),
    }));
}

function pricesOf({ priceOf }: Network): LinkableSummary['prices'] {
  if (!priceOf) return null;
  return { plain: priceOf([SAMPLES[0]]), withLink: priceOf([SAMPLES[1]]) };
}

function findEndingVersion({ config }: Context, { id }: Network): ApiVersion | null {
  const { linkedin, instagram, facebook } = config.networks;
  const used = new Map([
    ['linkedin', linkedin.version],
    ['instagram', instagram.graphVersion],
    ['facebook', facebook.graphVersion],
  ]).get(id);
  const found = API_VERSIONS.find(({ version }) => version === used);
  const isEnding = found && Date.parse(found.diesOn) < Date.now() + WARN_DAYS * 86_400_000;
  return isEnding ? found : null;
}
