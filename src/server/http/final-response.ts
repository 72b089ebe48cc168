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

/** The response to Node's `clientError` event, and why it is sent. */
export interface ClientErrorResponse extends FinalResponse {
  readonly cause: string;
}

/** @param code of the error of Node's `clientError` event */
export function finalResponseTo(code: string | undefined): ClientErrorResponse {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, reason: 'Request Timeout', cause: 'the request took too long to arrive' };
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, reason: 'Request Header Fields Too Large', cause: 'the headers are too long' };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, reason: 'Content Too Large', cause: 'the chunk extensions are too long' };
    case 'HPE_INVALID_EOF_STATE':
      return { ...badRequest, cause: 'the client ended the connection within the request' };
  }
  const isParserError = code?.startsWith('HPE_') === true;
  const cause = isParserError ? 'not valid HTTP' : 'the connection failed';
  return { ...badRequest, cause: code === undefined ? cause : `${cause} (${code})` };
}

const badRequest = { status: 400, reason: 'Bad Request' } as const;
