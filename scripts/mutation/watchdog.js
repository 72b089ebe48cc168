// A thread that kills its process when the time of watch.js is over.
import { workerData as timer } from 'node:worker_threads';

for (;;) {
  const round = Atomics.load(timer, 0);
  const limit = Atomics.load(timer, 1);
  const outcome = Atomics.wait(timer, 0, round, limit === 0 ? Infinity : limit);
  if (outcome === 'timed-out') process.kill(process.pid, 'SIGKILL');
}
