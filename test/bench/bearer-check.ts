import { startTestCluster } from '../support/cluster.ts';
import { printTarget } from './figures.ts';
import { startMeasuredProcess } from './measured-process.ts';
import { seedBenchTeam } from './seed.ts';

/** P3: CPU time of one bearer check, the join over token, family, connection, person and membership, 16 at a time. */
export async function benchBearerCheck(): Promise<void> {
  await using cluster = await startTestCluster();
  const seed = await seedBenchTeam(cluster.postgres.url, { campaigns: 0 });
  const measured = await startMeasuredProcess(
    'bearer-process.ts',
    {
      DATABASE_URL: cluster.postgres.url,
      PUBLIC_URL: seed.publicUrl,
      SECRET_KEY: seed.secretKey,
      LOG_LEVEL: 'error',
    },
    [seed.token],
  );
  await measured.stop();
  const cpuUs = Number(measured.ready['cpuUs']);
  printTarget('P3', `${cpuUs.toFixed(1)} us CPU a check`, '<= 50 us', cpuUs <= 50);
}
