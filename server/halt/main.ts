// npm run halt: the operator stops publishing for every team of the server, and lets it go on.
import { readConfig } from '../config.ts';
import { connectDatabase } from '../database/client.ts';
import { listServerStops, resumeServer, stopServer } from '../deliveries/stop-server.ts';
import { AppError } from '../errors.ts';
import { findDatabase } from '../find-database.ts';
import { readHaltCommand, type HaltCommand } from './halt-command.ts';

const USAGE = `npm run halt                             lists what is stopped for the whole server
npm run halt -- everything REASON        stops all publishing
npm run halt -- network NAME REASON      stops publishing on a network, such as x or mastodon
npm run halt -- lift everything          lets it go on; what was held and is not too late goes out now
npm run halt -- lift network NAME
`;

/** The built-in database runs only while a server does; without one nothing is published either. */
const ADVICE =
  'Set DATABASE_URL to the database of the server, or DATA_DIR to its data directory; on a server that is down, run npm start with WORKERS=none first.';

const print = (text: string) => process.stdout.write(`${text}\n`);
const command = readHaltCommand(process.argv.slice(2));
if (command) {
  await run(command).catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
} else {
  process.stderr.write(USAGE);
  process.exitCode = 1;
}

async function run(wanted: HaltCommand): Promise<void> {
  const { databaseUrl } = await findDatabase(readConfig(process.env), ADVICE);
  const { db, pool } = connectDatabase(databaseUrl, 1, () => undefined);
  try {
    if (wanted.action === 'stop') {
      await stopServer({ db }, wanted);
      print('Stopped. What is being sent at this moment goes through; what is due from now on is held.');
    } else if (wanted.action === 'lift') {
      const count = await resumeServer({ db }, wanted);
      print(`Lifted. ${count === 1 ? '1 held post goes' : `${count} held posts go`} on.`);
    }
    const stops = await listServerStops({ db });
    if (stops.length === 0) print('Nothing is stopped for the whole server.');
    for (const { kind, target, reason, createdAt } of stops) {
      print(`${target ? `${kind} ${target}` : kind} is stopped since ${createdAt.toISOString()}: ${reason}`);
    }
  } finally {
    await db.$disconnect();
    await pool.end();
  }
}
