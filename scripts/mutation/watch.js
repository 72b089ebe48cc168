import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** How often it was set, and the milliseconds until the end: 0 for no end. */
const timer = new Int32Array(new SharedArrayBuffer(8));
new Worker(join(import.meta.dirname, 'watchdog.js'), { workerData: timer }).unref();

/** Kills this process after that time, even if it is in an endless loop. */
export function startWatch(milliseconds) {
  set(Math.ceil(milliseconds));
}

export function stopWatch() {
  set(0);
}

export function kill() {
  process.kill(process.pid, 'SIGKILL');
}

function set(milliseconds) {
  Atomics.store(timer, 1, milliseconds);
  Atomics.add(timer, 0, 1);
  Atomics.notify(timer, 0);
}
