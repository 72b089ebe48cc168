// Loaded into the program with NODE_OPTIONS=--import: kills the process, as `kill -9` does, at one step of its work on
// files. A step is a call that changes something or flushes. KILL_AT is its number; with 7.5, step 7 writes half of its
// content before the kill. The name of each step that was begun is appended to KILL_LOG.
import fs, { appendFileSync } from 'node:fs';
import * as promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const killAt = Number(process.env.KILL_AT);
let step = 0;

const die = () => process.kill(process.pid, 'SIGKILL');

function count(name) {
  step += 1;
  appendFileSync(process.env.KILL_LOG, `${name}\n`);
  if (step === killAt) die();
  return step + 0.5 === killAt;
}

function wrap(owner, name) {
  const original = owner[name];
  owner[name] = function (...args) {
    count(name);
    return original.apply(this, args);
  };
}

for (const name of ['open', 'rename', 'rm', 'chmod']) wrap(fs.promises, name);
// The file lock uses these.
for (const name of ['mkdir', 'rmdir']) wrap(fs, name);

const handle = await promises.open(process.execPath, 'r');
const prototype = Object.getPrototypeOf(handle);
await handle.close();
for (const name of ['chown', 'chmod', 'sync', 'close']) wrap(prototype, name);
const { writeFile } = prototype;
prototype.writeFile = async function (content) {
  if (count('writeFile')) {
    await writeFile.call(this, content.subarray(0, content.length / 2));
    die();
  }
  return writeFile.call(this, content);
};
syncBuiltinESMExports();
step = 0;
