import { type Dispatcher, request } from 'undici';
import { parseUrl } from '../../parse-url.ts';
import { describe, type Logger } from '../operations/log.ts';

const timeLimit = 5_000;
/** How many messages are sent at once. Further ones are not sent, so that they cannot use up the process. */
const maxAtOnce = 32;

/** Sends a message to the person behind an interaction (Slack: Handling user interaction, response_url). */
export class Messenger {
  readonly #slackUrl: URL;
  readonly #dispatcher: Dispatcher;
  readonly #log: Logger;
  readonly #sending = new Set<Promise<void>>();

  /**
   * @param slackUrl the origin of Slack's API: a response_url has the same origin, or the host `hooks.` below it
   * @param dispatcher connects to Slack; the messenger closes it
   */
  constructor(slackUrl: string, dispatcher: Dispatcher, log: Logger) {
    this.#slackUrl = new URL(slackUrl);
    this.#dispatcher = dispatcher;
    this.#log = log;
  }

  /** Sends a message without waiting for it. The URL comes from outside: messages are only sent to Slack. */
  send(responseUrl: string | undefined, message: object, requestId: string): void {
    if (responseUrl === undefined) return;
    if (!this.#isSlack(responseUrl)) {
      this.#log.warn({ requestId }, "response_url ignored: it is not Slack's");
      return;
    }
    if (this.#sending.size >= maxAtOnce) {
      this.#log.warn({ requestId }, 'message to a response_url not sent: too many at once');
      return;
    }
    const sending = this.#post(responseUrl, message)
      .catch((error: unknown) => {
        this.#log.warn(
          { requestId, error: describe(error) },
          'message not sent to the person: Slack cannot be reached',
        );
      })
      .finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** Resolves when all messages in flight are sent. */
  async idle(): Promise<void> {
    await Promise.all(this.#sending);
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  async #post(url: string, message: object): Promise<void> {
    const { statusCode, body } = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(message),
      signal: AbortSignal.timeout(timeLimit),
      dispatcher: this.#dispatcher,
    });
    await body.dump();
    if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
  }

  #isSlack(responseUrl: string): boolean {
    const url = parseUrl(responseUrl);
    if (!url) return false;
    const { host, protocol } = this.#slackUrl;
    // `hooks.slack.com`; a sample for Socket Mode has the host of a workspace.
    return url.protocol === protocol && (url.host === host || url.host.endsWith(`.${host}`));
  }
}
