import { startWorkers } from '../workers/start-workers.ts';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { openContext, type Context } from './context.ts';
import { assertNobodyHolds, holdDataDir } from './data-dir-holder.ts';
import { ensureDataDir, ensureSecretKey } from './data-dir.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './database/embedded.ts';
import { prepareDatabase } from './database/prepare-database.ts';
import { checkMediaStore } from './media/check-media-store.ts';
import { settleWithin } from './settle-within.ts';
import { createFirstOwner, createSetupLink, hasOwner } from './teams/first-owner.ts';
import { bindWebPort } from './web-port.ts';

export interface RunningServer {
  /** Where people and clients reach it: an origin. */
  url: string;
  mcpUrl: string;
  /** Makes the first owner, once; null when there is one. */
  setupLink: string | null;
  context: Context;
  /** Drains and stops everything that was started here, the built-in PostgreSQL last. */
  stop(): Promise<void>;
}

/** Closing pools and queues after the drain; what hangs then has nothing left to lose. */
const CLOSE_MS = 3_000;

/** A line for the person at the terminal. */
export type Output = (line: string) => void;

/**
 * The web process with everything it needs: port, data directory, database, workers. What fails leaves nothing behind.
 * @throws AppError for what the person who starts it can correct
 */
export async function startServer(config: Config, output: Output): Promise<RunningServer> {
  await using started = new AsyncDisposableStack();
  const isEmbedded = config.databaseUrl === undefined;
  if (isEmbedded) await assertNobodyHolds(config.dataDir);

  const web = await bindWebPort(config.host, config.port);
  let endStreams = () => {};
  const closeWeb = once(() => {
    endStreams();
    return web.close(config.drainMs);
  });
  started.defer(closeWeb);
  const url = config.publicUrl ?? `http://localhost:${web.port}`;

  if (isEmbedded || !config.secretKey) await ensureDataDir(config.dataDir);
  const held = isEmbedded ? await holdDataDir(config.dataDir, url) : undefined;
  if (held) started.defer(held.release);
  const secretKey = config.secretKey ?? (await ensureSecretKey(config.dataDir));

  const postgres = isEmbedded ? await startPostgres(config.dataDir, started) : undefined;
  const databaseUrl = config.databaseUrl ?? postgres!.url;
  const { warning } = await prepareDatabase(databaseUrl, config.migrateDatabaseUrl);
  await held?.recordDatabase(databaseUrl);

  const context = openContext({ config, publicUrl: url, databaseUrl, secretKey });
  if (warning) context.log.warn(warning);
  started.defer(() => settleWithin(CLOSE_MS, context[Symbol.asyncDispose]()));
  await checkMediaStore(context);
  const setupLink = await settleFirstOwner(context);
  const app = started.use(await createApp(context));
  endStreams = app.endStreams;
  const workers = config.workers === 'inline' ? await startWorkers(context) : undefined;
  const stopWorkers = once(() => settleWithin(config.drainMs, workers?.stop() ?? Promise.resolve()));
  started.defer(stopWorkers);
  // Requests and deliveries in hand finish side by side, within one drain time.
  started.defer(() => Promise.all([closeWeb(), stopWorkers()]).then(() => undefined));
  web.serve(app.callback());

  const running = started.move();
  const mcpUrl = `${url}/mcp`;
  announce(output, { url, mcpUrl, setupLink, config, postgres });
  return { url, mcpUrl, setupLink, context, stop: once(() => running.disposeAsync()) };
}

async function startPostgres(dataDir: string, started: AsyncDisposableStack): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, isDurable: true });
  // However this process ends, short of kill -9, no PostgreSQL stays behind.
  process.once('exit', postgres.kill);
  started.defer(async () => {
    await postgres.stop();
    process.off('exit', postgres.kill);
  });
  return postgres;
}

async function settleFirstOwner(context: Context): Promise<string | null> {
  const { owner } = context.config;
  if (owner && !(await hasOwner(context))) await createFirstOwner(context, owner);
  return createSetupLink(context);
}

function announce(
  output: Output,
  about: Pick<RunningServer, 'url' | 'mcpUrl' | 'setupLink'> & {
    config: Config;
    postgres: EmbeddedPostgres | undefined;
  },
): void {
  const { url, mcpUrl, setupLink, config, postgres } = about;
  output('Grantcast is running.');
  output(`  Dashboard     ${url}`);
  output(`  MCP endpoint  ${mcpUrl}`);
  if (postgres) {
    output(`  Data          ${config.dataDir}`);
    const place = postgres.clusterDirectory.startsWith(config.dataDir)
      ? ''
      : ` in ${postgres.clusterDirectory}`;
    if (postgres.userName) {
      const why = place ? `, which cannot reach the folder above` : '';
      output(
        `  Database      PostgreSQL runs as the user ${postgres.userName}${why}${place && `; it is kept${place}`}`,
      );
    }
  }
  if (setupLink) output(`  First owner   ${setupLink} (works once, for a day)`);
  output('Stop it with Ctrl-C.');
}

function once(run: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined;
  return () => (result ??= run());
}
