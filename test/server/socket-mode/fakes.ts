import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../src/server/socket-mode/clock.ts';
import type { OpenSocket, SocketEvents } from '../../../src/server/socket-mode/web-socket.ts';

/** A clock that stands still until the test moves it. */
export class FakeClock implements Clock {
  #time = 0;
  readonly #sleepers = new Set<{ readonly until: number; wake(): void }>();

  now(): number {
    return this.#time;
  }

  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const sleeper = {
        until: this.#time + milliseconds,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', sleeper.wake, { once: true });
    });
  }

  /** Moves on, and wakes all that sleep until then, each at its time. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#time + milliseconds;
    await setImmediate();
    for (;;) {
      const next = [...this.#sleepers].sort((one, other) => one.until - other.until)[0];
      if (!next || next.until > end) break;
      this.#time = Math.max(this.#time, next.until);
      next.wake();
      await setImmediate();
    }
    this.#time = end;
    await setImmediate();
  }
}

/** The far end of one WebSocket, as the test plays it. */
export class FakeSlackEnd {
  readonly url: string;
  readonly openedAt: number;
  /** The messages that were sent to Slack, parsed. */
  readonly sent: unknown[] = [];
  pings = 0;
  state: 'open' | 'closing' | 'closed' = 'open';
  answersPings = true;
  /** Whether it completes the closing handshake. */
  answersClose = true;
  readonly #events: SocketEvents;

  constructor(url: string, openedAt: number, events: SocketEvents) {
    this.url = url;
    this.openedAt = openedAt;
    this.#events = events;
  }

  say(message: object): void {
    this.#events.onHeard();
    this.#events.onMessage(JSON.stringify(message));
  }

  hello(connections = 1): void {
    this.say({ type: 'hello', num_connections: connections });
  }

  ping(): void {
    this.#events.onHeard();
  }

  end(cause?: unknown): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.#events.onClosed(cause);
  }

  send(text: string): boolean {
    if (this.state !== 'open') return false;
    this.sent.push(JSON.parse(text));
    return true;
  }

  close(): void {
    if (this.state === 'closed') return;
    this.state = 'closing';
    if (this.answersClose) queueMicrotask(() => this.end());
  }
}

/** Opens WebSockets whose far ends the test plays. */
export function fakeSlack(clock: Clock) {
  const ends: FakeSlackEnd[] = [];
  const openSocket: OpenSocket = (url, events) => {
    const end = new FakeSlackEnd(url, clock.now(), events);
    ends.push(end);
    return {
      send: (text) => end.send(text),
      ping: () => {
        end.pings += 1;
        if (end.answersPings) end.ping();
      },
      close: () => end.close(),
      destroy: () => queueMicrotask(() => end.end()),
    };
  };
  const end = (index: number): FakeSlackEnd => {
    const found = ends.at(index);
    if (!found) throw new Error(`no WebSocket ${index} was opened`);
    return found;
  };
  return { ends, end, openSocket };
}
