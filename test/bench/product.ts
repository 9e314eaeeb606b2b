/** Grantcast itself as one process without inline workers, on the database that the bench prepared. */
import { readConfig } from '../../server/config.ts';
import { startServer } from '../../server/start-server.ts';
import { reportReady } from './measured-process.ts';

const server = await startServer(readConfig(process.env), () => {});
reportReady({ url: server.mcpUrl }, () => server.stop());
