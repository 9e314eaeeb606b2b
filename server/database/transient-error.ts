/**
 * Why the same statement may succeed when it is run again:
 * - rolled_back: a deadlock or serialization failure; surely nothing was committed.
 * - disconnected: the connection was lost; unless nothing was written, nobody knows what was committed.
 * - null: not transient.
 */
export type TransientKind = 'rolled_back' | 'disconnected' | null;

const ROLLED_BACK = new Set(['P2034', 'TransactionWriteConflict', '40001', '40P01']);
const DISCONNECTED = new Set([
  'P1001',
  'P1017',
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  '57P01', // the server is shutting down
  '57P02',
  '57P03', // the server is starting up
  '08006',
  '08003',
]);
// node-postgres gives these no code.
const LOST = /Connection terminated|Client has encountered a connection error|server closed the connection/i;

export function transientKindOf(error: unknown): TransientKind {
  for (const layer of layersOf(error)) {
    const names = [layer.code, layer.originalCode, layer.kind].filter((name) => typeof name === 'string');
    if (names.some((name) => ROLLED_BACK.has(name))) return 'rolled_back';
    if (names.some((name) => DISCONNECTED.has(name))) return 'disconnected';
    if (typeof layer.message === 'string' && LOST.test(layer.message)) return 'disconnected';
  }
  return null;
}

interface Layer {
  code?: unknown;
  originalCode?: unknown;
  kind?: unknown;
  message?: unknown;
  cause?: unknown;
  meta?: { driverAdapterError?: unknown } | undefined;
}

/** Prisma wraps the driver's error, and the driver PostgreSQL's. */
function layersOf(error: unknown): Layer[] {
  const layers: Layer[] = [];
  const queue = [error];
  while (queue.length > 0 && layers.length < 8) {
    const next = queue.shift();
    if (typeof next !== 'object' || next === null) continue;
    const layer = next as Layer;
    layers.push(layer);
    queue.push(layer.meta?.driverAdapterError, layer.cause);
  }
  return layers;
}
