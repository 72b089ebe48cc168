import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { verifySlackRequest } from '@slack/bolt';

/** An event that the upstream accepted, with 200. */
export interface AcceptedEvent {
  readonly workspace: string;
  readonly eventId: string;
  /** Its position among the events of the workspace, from 0. */
  readonly number: number;
}

type Mood = 'well' | 'failing' | 'hanging' | 'breaking off' | 'away';

/** Shuffled again each time all have had their turn. */
const moods: readonly Mood[] = ['well', 'failing', 'well', 'hanging', 'breaking off', 'well', 'away'];

/**
 * An unreliable Spacelift: every second or two it changes between working, responding 5xx to some requests, hanging,
 * breaking connections after it has accepted an event, and restarting. @slack/bolt verifies its requests.
 */
export class ChaosUpstream {
  readonly accepted: AcceptedEvent[] = [];
  /** Requests that @slack/bolt rejected, or that used another path. */
  readonly refused: string[] = [];
  commands = 0;
  restarts = 0;
  /** Events that it accepted and whose connection it broke before the response. */
  brokenOff = 0;
  readonly #signingSecret: string;
  readonly #random: () => number;
  readonly #hanging = new Set<ServerResponse>();
  #server: Server | undefined;
  #mood: Mood = 'well';
  #port = 0;
  #changing: Promise<void> | undefined;
  #ending = false;

  constructor(signingSecret: string, random: () => number) {
    this.#signingSecret = signingSecret;
    this.#random = random;
  }

  get port(): number {
    return this.#port;
  }

  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      this.#take(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    const address = server.address();
    this.#port = typeof address === 'object' && address ? address.port : 0;
    this.#server = server;
  }

  startTrouble(): void {
    this.#changing = this.#changeMoods();
  }

  /** From now on it works. */
  async endTrouble(): Promise<void> {
    this.#ending = true;
    await this.#changing;
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => (this.#server ? this.#server.close(resolve) : resolve(undefined)));
    this.#server = undefined;
  }

  async #changeMoods(): Promise<void> {
    const coming: Mood[] = [];
    while (!this.#ending) {
      if (coming.length === 0) coming.push(...moods);
      [this.#mood = 'well'] = coming.splice(Math.floor(this.#random() * coming.length), 1);
      if (this.#mood === 'away') {
        await this.close();
        await setTimeout(300 + this.#random() * 700);
        await this.listen();
        this.restarts += 1;
        this.#mood = 'well';
      }
      await setTimeout(500 + this.#random() * 1_500);
      for (const response of this.#hanging) response.destroy();
      this.#hanging.clear();
    }
    this.#mood = 'well';
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    try {
      if (request.method !== 'POST' || request.url !== '/webhooks/slack') throw new Error(`${request.url}`);
      verifySlackRequest({
        signingSecret: this.#signingSecret,
        body,
        headers: {
          'x-slack-signature': String(request.headers['x-slack-signature']),
          'x-slack-request-timestamp': Number(request.headers['x-slack-request-timestamp']),
        },
      });
    } catch (error) {
      this.refused.push(String(error));
      response.writeHead(401).end();
      return;
    }
    const mood = this.#mood;
    if (mood === 'hanging') {
      this.#hanging.add(response);
      return;
    }
    if (mood === 'failing' && this.#random() < 0.7) {
      response.writeHead(500 + Math.floor(this.#random() * 5)).end();
      return;
    }
    if (request.headers['content-type'] === 'application/json') {
      const { team_id: workspace, event_id: eventId, event } = JSON.parse(body);
      this.accepted.push({ workspace, eventId, number: event.number });
    } else {
      this.commands += 1;
    }
    // It has accepted the event, but the relay cannot know: the next attempt is a duplicate.
    if (mood === 'breaking off' && this.#random() < 0.5) {
      this.brokenOff += 1;
      response.destroy();
    } else response.writeHead(200, { 'Content-Type': 'text/plain' }).end('taken');
  }
}
