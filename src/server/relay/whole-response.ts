import type { Dispatcher } from 'undici';
import { TimeUp } from '../../net/time-limit.ts';
import { responseHeaders } from './headers.ts';

/** A response whose body has been read to its end. */
export interface WholeResponse {
  readonly status: number;
  /** Without those that belong to one connection. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

/** The largest body that is returned: Slack accepts far less. */
const maxBodyBytes = 1024 * 1024;

/**
 * Sends a request and reads its response. undici's own `request` does the same with a stream, a signal and several
 * timers for each, and uses twice the CPU time.
 *
 * @param timeLimit how long it may take in all, in milliseconds. A request that has no connection by then is never sent
 * @throws TimeUp, the failure of the connection, or an Error that says what is wrong with the response
 */
export function readWholeResponse(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  timeLimit: number,
): Promise<WholeResponse> {
  return new Promise((resolve, reject) => {
    dispatcher.dispatch(request, new ResponseReader(timeLimit, resolve, reject));
  });
}

/** Statuses of responses that end with their headers. */
const bodiless = new Set([204, 304]);

function notValid(reason: string): Error {
  return new Error(`the response is not valid HTTP: ${reason}`);
}

/** Calls one of its two functions once. Its methods are those that undici calls. */
class ResponseReader implements Dispatcher.DispatchHandler {
  readonly #resolve: (response: WholeResponse) => void;
  readonly #reject: (error: Error) => void;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #timeUp: TimeUp | undefined;
  #status = 0;
  #headers: WholeResponse['headers'] = {};
  readonly #chunks: Buffer[] = [];
  #length = 0;

  constructor(timeLimit: number, resolve: (response: WholeResponse) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => this.#giveUp(new TimeUp(timeLimit)), timeLimit);
  }

  /** There is a connection, and nothing has been sent. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#timeUp) controller.abort(this.#timeUp);
  }

  /** Called for informational responses too; the final one comes last. */
  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // undici ends one below 100 later, by an assertion whose text takes it a second of CPU time.
    if (status < 100 || status > 599) {
      controller.abort(notValid(`status ${status}`));
      return;
    }
    this.#status = status;
    this.#headers = responseHeaders(headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length > maxBodyBytes) controller.abort(new Error(`a response over ${maxBodyBytes} bytes`));
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer);
    const body = Buffer.concat(this.#chunks, this.#length);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  /** Called for any failure, including those that this reader aborts with. */
  onResponseError(_controller: unknown, error: Error): void {
    clearTimeout(this.#timer);
    this.#reject(this.#wrongLength(error) ?? error);
  }

  /** undici has one error for a wrong length and for a connection that was closed too early. */
  #wrongLength(error: Error): Error | undefined {
    if (!('code' in error) || error.code !== 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return undefined;
    if (this.#status === 0) return notValid('its headers contradict each other about its length');
    return bodiless.has(this.#status)
      ? notValid(`status ${this.#status}, which has no body, with a Content-Length`)
      : undefined;
  }

  /** undici reacts to nothing until the request has a connection, so that this does not wait for it. */
  #giveUp(timeUp: TimeUp): void {
    this.#timeUp = timeUp;
    this.#reject(timeUp);
    this.#controller?.abort(timeUp);
  }
}
