import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { vi } from 'vitest';

/**
 * Setup file of the project `unit`: starting a process or opening a socket throws. A test that needs one belongs in the
 * project `system`.
 */
function forbid(what: string): () => never {
  return () => {
    throw new Error(`a unit test must not ${what}: rename its file to *.system.test.ts`);
  };
}

for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'] as const) {
  vi.spyOn(childProcess, name).mockImplementation(forbid('start a process'));
}
vi.spyOn(dgram, 'createSocket').mockImplementation(forbid('open a socket'));
vi.spyOn(net.Socket.prototype, 'connect').mockImplementation(forbid('open a connection'));
vi.spyOn(net.Server.prototype, 'listen').mockImplementation(forbid('listen on a port'));
syncBuiltinESMExports();
