import type { Context } from '../context.ts';
import type { RegisteredApps } from '../networks/account-link.ts';

/** This server's registrations with the servers of a network, sealed; over all teams, because they are this server's own. */
export function createRegisteredApps({ db, seal }: Context, network: string): RegisteredApps {
  const purposeOf = (server: string) => `network_app:${network}:${server}`;
  return {
    async find(server) {
      const row = await db.networkApp.findUnique({ where: { network_server: { network, server } } });
      return row && seal.unseal(row.sealed, purposeOf(server));
    },
    async store(server, credentials) {
      const sealed = seal.seal(credentials, purposeOf(server));
      await db.networkApp.upsert({
        where: { network_server: { network, server } },
        create: { network, server, sealed },
        update: { sealed },
      });
    },
  };
}
