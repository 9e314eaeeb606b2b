import type { Config } from '../config.ts';
import type { Database } from '../database/client.ts';
import type { Seal } from '../seal.ts';
import { createBluesky } from './bluesky.ts';
import { createFacebook } from './facebook.ts';
import { createInstagram } from './instagram.ts';
import { createLinkedin } from './linkedin.ts';
import { createMastodon } from './mastodon.ts';
import type { Network } from './network.ts';
import { createPlayground } from './playground.ts';
import { createThreads } from './threads.ts';
import { createX } from './x.ts';

/** The networks that can be published to, by id. */
export type Networks = ReadonlyMap<string, Network>;

export function createNetworks(config: Config, db: Database, publicUrl: string, seal: Seal): Networks {
  const networks = [
    createPlayground(db, publicUrl),
    createBluesky({ config, publicUrl, seal }),
    createMastodon(),
    createThreads(config.networks.threads),
    createInstagram(config.networks.instagram),
    createFacebook(config.networks.facebook),
    createX(config.networks.x),
    createLinkedin(config.networks.linkedin),
  ];
  const { quarantineSeconds } = config.publishing;
  return new Map(
    networks.map((network) => [
      network.id,
      quarantineSeconds === undefined ? network : { ...network, quarantineSeconds },
    ]),
  );
}
