import type { Duplex } from 'node:stream';

/** A response without headers and body to a request that cannot reach a route, for example because it is not valid HTTP. */
export interface FinalResponse {
  readonly status: number;
  readonly reason: string;
}

/** How long a client may take to read it, in milliseconds. */
const timeLimit = 1_000;

/** Sends a last response and closes the connection, whether or not the client reads it or closes its own end. */
export function sendFinalResponse(socket: Duplex, { status, reason }: FinalResponse): void {
  const response = `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  socket.end(response, () => socket.destroy());
  const timer = setTimeout(() => socket.destroy(), timeLimit);
  socket.once('close', () => clearTimeout(timer));
}

/** @param code of the error of Node's `clientError` event */
export function finalResponseTo(code: string | undefined): FinalResponse {
  if (code === 'HPE_HEADER_OVERFLOW') return { status: 431, reason: 'Request Header Fields Too Large' };
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return { status: 413, reason: 'Content Too Large' };
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { status: 408, reason: 'Request Timeout' };
  return { status: 400, reason: 'Bad Request' };
}
