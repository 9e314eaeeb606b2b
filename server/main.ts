import { readConfig } from './config.ts';
import { runProcess } from './run-process.ts';
import { startServer } from './start-server.ts';

await runProcess(async () =>
  startServer(readConfig(process.env), (line) => process.stdout.write(`${line}\n`)),
);
