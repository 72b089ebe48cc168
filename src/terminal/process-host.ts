import { fstatSync } from 'node:fs';
import type { Host } from './host.ts';
import { PlainOutput } from './plain-output.ts';

/** A process as the host of the program. It opens each stream when it is first used. */
export function processHost(process: NodeJS.Process): Host {
  let stdout: Host['stdout'] | undefined;
  return {
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      stdout ??= isDevice(1) ? process.stdout : new PlainOutput(1, () => process.stdout);
      return stdout;
    },
    get stderr() {
      return process.stderr;
    },
    env: process.env,
    cwd: () => process.cwd(),
    on: (event: string, listener: (error: unknown) => void) => process.on(event, listener),
    exit: (code) => process.exit(code),
  };
}

/** Whether a descriptor is a terminal or another device. */
function isDevice(fd: number): boolean {
  return fstatSync(fd).isCharacterDevice();
}
