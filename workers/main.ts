import { readConfig } from '../server/config.ts';
import { openContext } from '../server/context.ts';
import { readSecretKey } from '../server/data-dir.ts';
import { prepareDatabase } from '../server/database/prepare-database.ts';
import { invalidInput } from '../server/errors.ts';
import { findDatabase } from '../server/find-database.ts';
import { checkMediaStore } from '../server/media/check-media-store.ts';
import { runProcess } from '../server/run-process.ts';
import { settleWithin } from '../server/settle-within.ts';
import { startWorkers } from './start-workers.ts';

await runProcess(async () => {
  const config = readConfig(process.env);
  const { databaseUrl, publicUrl } = await findDatabase(config, 'Run npm start first, or set DATABASE_URL.');
  const secretKey = config.secretKey ?? (await readSecretKey(config.dataDir));
  if (!secretKey) {
    throw invalidInput({
      code: 'no_secret_key',
      message:
        'The workers need the secret of the web process: set SECRET_KEY to the same value, or DATA_DIR to its data directory.',
    });
  }
  const { warning } = await prepareDatabase(databaseUrl, config.migrateDatabaseUrl);
  const context = openContext({ config, publicUrl, databaseUrl, secretKey });
  if (warning) context.log.warn(warning);
  await checkMediaStore(context);
  const workers = await startWorkers(context);
  process.stdout.write('The workers are running. Stop them with Ctrl-C.\n');
  return {
    async stop() {
      await settleWithin(config.drainMs, workers.stop());
      await settleWithin(config.drainMs, context[Symbol.asyncDispose]());
    },
  };
});
