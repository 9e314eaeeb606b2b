import type { Socket } from 'node:net';

/**
 * As much of PostgreSQL's wire protocol (version 3.0) as tells a client that this is version 14.9: it lets everybody
 * in and answers every query with that one row.
 */
export function answerAsOldPostgres(socket: Socket): void {
  socket.once('data', () => {
    socket.write(Buffer.concat([message('R', int32(0)), message('Z', Buffer.from('I'))]));
    socket.on('data', (query) => {
      if (query.toString('latin1', 0, 1) !== 'Q') return socket.end();
      const row = Buffer.concat([int16(2), value('140009'), value('14.9')]);
      const columns = Buffer.concat([int16(2), column('number', 23), column('name', 25)]);
      return socket.write(
        Buffer.concat([
          message('T', columns),
          message('D', row),
          message('C', Buffer.from('SELECT 1\0')),
          message('Z', Buffer.from('I')),
        ]),
      );
    });
  });
  socket.on('error', () => socket.destroy());
}

function message(kind: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(kind), int32(body.length + 4), body]);
}

function column(name: string, typeId: number): Buffer {
  return Buffer.concat([
    Buffer.from(`${name}\0`),
    int32(0),
    int16(0),
    int32(typeId),
    int16(-1),
    int32(-1),
    int16(0),
  ]);
}

function value(text: string): Buffer {
  return Buffer.concat([int32(text.length), Buffer.from(text)]);
}

function int32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(number);
  return bytes;
}

function int16(number: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(number);
  return bytes;
}
