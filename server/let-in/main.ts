// npm run let-in: the operator makes a link with which somebody who is locked out sets a new password.
import { readConfig } from '../config.ts';
import { connectDatabase } from '../database/client.ts';
import { AppError } from '../errors.ts';
import { findDatabase } from '../find-database.ts';
import { createLetInLink } from '../teams/let-in.ts';

const [email, ...rest] = process.argv.slice(2);
if (email && rest.length === 0) {
  await run(email).catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
} else {
  process.stderr.write('npm run let-in -- EMAIL        a link with which this person sets a new password\n');
  process.exitCode = 1;
}

async function run(address: string): Promise<void> {
  const { databaseUrl, publicUrl } = await findDatabase(
    readConfig(process.env),
    'Run npm start first, or set DATABASE_URL to the database of the server.',
  );
  const { db, pool } = connectDatabase(databaseUrl, 1, () => undefined);
  try {
    const made = await createLetInLink({ db, publicUrl }, address);
    process.stdout.write(`${made.name} (${made.email}) sets a new password here, once, within the hour:
${made.link}
Whoever opens it is let in as this person: hand it over yourself.
`);
  } finally {
    await db.$disconnect();
    await pool.end();
  }
}
