import { Gauge, type Registry } from 'prom-client';
import type { Store } from '../../store/store.ts';
import type { Logger } from './log.ts';

/** How far the clocks of a replica and of the database may be apart before it is reported, in milliseconds. */
const reportedSkew = 60_000;
/** From here on the replica is not ready: it would reject fresh requests as stale, or accept stale ones. */
const greatestSkew = 300_000;
/** How far the clock may move against the steady clock between two readings, in milliseconds. */
const tolerableJump = 60_000;

export interface StoreClockSettings {
  readonly store: Pick<Store, 'readClock' | 'isShared'>;
  /** The replica's clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** A clock that is never set, in milliseconds. */
  readonly steadyNow: () => number;
  readonly log: Logger;
  readonly registry: Registry;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Watches the database's clock, which expiry goes by. A clock that jumps must not set aside or delete what waits: until
 * it is back, or `serve` is restarted, nothing expires.
 */
export class StoreClock {
  readonly #settings: StoreClockSettings;
  /** What the database's clock was ahead of the steady clock at the last reading without a jump. */
  #offset: Range | undefined;
  /** How far the replica's clock is ahead of the database's, in milliseconds. */
  #skew = 0;
  #jump = 0;
  #reportsSkew = false;

  constructor(settings: StoreClockSettings) {
    this.#settings = settings;
    const registers = [settings.registry];
    const skew = () => this.#skew;
    const jump = () => this.#jump;
    new Gauge({
      name: 'spacelift_slack_clock_skew_seconds',
      help: "How far the clock of this process is ahead of the database's; negative if it is behind.",
      registers,
      collect() {
        this.set(skew() / 1000);
      },
    });
    new Gauge({
      name: 'spacelift_slack_expiry_stopped',
      help: '1 while nothing expires because the clock of the store has jumped, else 0.',
      registers,
      collect() {
        this.set(jump() === 0 ? 0 : 1);
      },
    });
  }

  /** Whether the replica's clock was more than five minutes from the database's at the last reading. */
  get isFarOff(): boolean {
    return Math.abs(this.#skew) > greatestSkew;
  }

  /**
   * Reads the database's clock, and logs when it or the replica's becomes wrong or right.
   *
   * @returns the database's time in milliseconds since the epoch; undefined if nothing may expire by it
   * @throws what the store throws if it fails
   */
  async read(): Promise<number | undefined> {
    const { store, now, steadyNow } = this.#settings;
    const before = { wall: now(), steady: steadyNow() };
    const time = await store.readClock();
    const after = { wall: now(), steady: steadyNow() };
    // The database read its clock at an unknown moment in between.
    this.#skew = -distance(time, { from: before.wall, to: after.wall });
    this.#reportSkew();
    const offset = { from: time - after.steady, to: time - before.steady };
    const last = this.#offset ?? offset;
    const moved = distance(offset.from, last) && distance(offset.to, last);
    // A suspended machine stops the steady clock. If the clocks of database and replica agree, neither has jumped.
    const agrees = store.isShared && Math.abs(this.#skew) <= reportedSkew;
    const jump = Math.abs(moved) <= tolerableJump || agrees ? 0 : moved;
    if (jump === 0) this.#offset = offset;
    this.#reportJump(jump);
    return jump === 0 ? time : undefined;
  }

  #reportSkew(): void {
    const { log } = this.#settings;
    const isWrong = Math.abs(this.#skew) > reportedSkew;
    if (isWrong === this.#reportsSkew) return;
    this.#reportsSkew = isWrong;
    if (!isWrong) {
      log.info("the clock agrees with the database's again");
      return;
    }
    const seconds = Math.round(this.#skew / 1000);
    log.error({ seconds }, "the clock differs from the database's: synchronise both (NTP)");
  }

  #reportJump(jump: number): void {
    const { log } = this.#settings;
    const hadJumped = this.#jump !== 0;
    this.#jump = jump;
    if (hadJumped === (jump !== 0)) return;
    if (jump === 0) {
      log.info('the clock of the store is right again: events expire');
      return;
    }
    const seconds = Math.round(jump / 1000);
    log.error({ seconds }, 'the clock of the store has jumped: nothing expires; set it, or restart serve');
  }
}

/** How far a time is after a range (positive) or before it (negative); 0 inside. */
function distance(time: number, { from, to }: Range): number {
  return Math.max(0, time - to) + Math.min(0, time - from);
}
