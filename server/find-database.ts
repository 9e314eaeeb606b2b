import type { Config } from './config.ts';
import { findDataDirHolder } from './data-dir-holder.ts';
import { invalidInput } from './errors.ts';

/**
 * The database of the settings, or the built-in one of the server that runs on the data directory; and where people reach
 * that server.
 * @param advice what to do when there is neither: a sentence
 * @throws AppError InvalidInput (`no_database`)
 */
export async function findDatabase(
  config: Pick<Config, 'databaseUrl' | 'publicUrl' | 'port' | 'dataDir'>,
  advice: string,
): Promise<{ databaseUrl: string; publicUrl: string }> {
  const { databaseUrl, dataDir, port } = config;
  if (databaseUrl) return { databaseUrl, publicUrl: config.publicUrl ?? `http://localhost:${port}` };
  const holder = await findDataDirHolder(dataDir);
  if (holder?.databaseUrl) {
    return { databaseUrl: holder.databaseUrl, publicUrl: config.publicUrl ?? holder.publicUrl };
  }
  throw invalidInput({
    code: 'no_database',
    message: `There is no DATABASE_URL, and no server is running on ${dataDir}. ${advice}`,
  });
}
