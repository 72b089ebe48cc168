import type { Logger } from 'pino';
import { type Dispatcher, request } from 'undici';
import { describe } from '../operations/log.ts';
import type { EphemeralMessage } from '../webhook/ephemeral-message.ts';

const timeLimit = 5_000;
/** At most so many at once: messages to people are worth an effort, not the process. */
const mostAtOnce = 32;

/** Sends a message to the person behind an interaction (Slack: Handling user interaction, response_url). */
export class Messenger {
  readonly #slackUrl: URL;
  readonly #dispatcher: Dispatcher;
  readonly #log: Logger;
  readonly #sending = new Set<Promise<void>>();

  /**
   * @param slackUrl where Slack's API is: its hooks have the same parent
   * @param dispatcher the way to Slack; the messenger closes it
   */
  constructor(slackUrl: string, dispatcher: Dispatcher, log: Logger) {
    this.#slackUrl = new URL(slackUrl);
    this.#dispatcher = dispatcher;
    this.#log = log;
  }

  /** Sends without being waited for. The URL came from outside: nothing is sent but to Slack. */
  send(responseUrl: string | undefined, message: EphemeralMessage, requestId: string): void {
    if (responseUrl === undefined || this.#sending.size >= mostAtOnce) return;
    if (!this.#isSlack(responseUrl)) {
      this.#log.warn({ requestId }, 'a response_url that is not Slack’s was not used');
      return;
    }
    const sending = this.#post(responseUrl, message)
      .catch((error: unknown) => {
        this.#log.warn(
          { requestId, error: describe(error) },
          'the person could not be told: Slack is out of reach',
        );
      })
      .finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** Resolves when nothing is being sent any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#sending);
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  async #post(url: string, message: EphemeralMessage): Promise<void> {
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
    if (!URL.canParse(responseUrl)) return false;
    const url = new URL(responseUrl);
    const { origin, host, protocol } = this.#slackUrl;
    return url.origin === origin || url.origin === `${protocol}//hooks.${host}`;
  }
}
