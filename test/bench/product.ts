/** Grantcast as one process on a data directory of the bench's, as `npm start` runs it. */
import { readConfig } from '../../server/config.ts';
import { startServer } from '../../server/start-server.ts';
import { reportReady } from './measured-process.ts';

const server = await startServer(readConfig(process.env), () => {});
reportReady({ url: server.url, mcpUrl: server.mcpUrl }, () => server.stop());
