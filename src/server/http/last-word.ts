import type { Duplex } from 'node:stream';

/** An answer without headers or a body, to what is no request that a route could answer. */
export interface LastWord {
  readonly status: number;
  readonly reason: string;
}

/** For the answer to leave, to a client that reads nothing; milliseconds. */
const timeLimit = 1_000;

/** Says the last word on a connection and closes it, whether or not the other end reads it or closes its own. */
export function dismiss(socket: Duplex, { status, reason }: LastWord): void {
  const answer = `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  socket.end(answer, () => socket.destroy());
  const timer = setTimeout(() => socket.destroy(), timeLimit);
  socket.once('close', () => clearTimeout(timer));
}

/** @param code of Node's `clientError` */
export function lastWordOn(code: string | undefined): LastWord {
  if (code === 'HPE_HEADER_OVERFLOW') return { status: 431, reason: 'Request Header Fields Too Large' };
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return { status: 413, reason: 'Content Too Large' };
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { status: 408, reason: 'Request Timeout' };
  return { status: 400, reason: 'Bad Request' };
}
