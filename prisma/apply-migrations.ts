/** npm run migrate: brings the database of DATABASE_URL up to date; npm start does the same by itself. */
import { readConfig } from '../server/config.ts';
import { prepareDatabase } from '../server/database/prepare-database.ts';
import { AppError } from '../server/errors.ts';
import { findDatabase } from '../server/find-database.ts';

try {
  const config = readConfig(process.env);
  const { databaseUrl } = await findDatabase(
    config,
    'Set DATABASE_URL to the database to migrate; the built-in one is migrated by npm start itself.',
  );
  const { applied, warning } = await prepareDatabase(databaseUrl, config.migrateDatabaseUrl);
  for (const name of applied) process.stdout.write(`Applied ${name}.\n`);
  if (warning) process.stderr.write(`${warning}\n`);
  process.stdout.write('The database is up to date.\n');
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
