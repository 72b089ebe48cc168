import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Output } from '../../src/terminal/host.ts';
import { PlainOutput } from '../../src/terminal/plain-output.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;

/** Opens a pipe that does not block. It holds 64 KiB. */
async function openPipe(flags: number): Promise<number> {
  const path = join(await temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [path]);
  // A pipe without a reader cannot be opened for writing.
  const reader = openSync(path, O_RDONLY | O_NONBLOCK);
  const fd = openSync(path, flags | O_NONBLOCK);
  closeSync(reader);
  onTestFinished(() => closeSync(fd));
  return fd;
}

/** A stream that keeps what is written to it, and the error listeners. */
class FakeStream implements Output {
  readonly written: string[] = [];
  readonly listeners: unknown[] = [];

  write(data: string | Uint8Array, done?: (error?: Error | null) => void): void {
    this.written.push(Buffer.from(data).toString());
    done?.(new Error('from the stream'));
  }

  on(_event: 'error', listener: (error: Error) => void): void {
    this.listeners.push(listener);
  }
}

it('writes what fits without opening the stream', async () => {
  const fd = await openPipe(O_RDWR);
  const output = new PlainOutput(fd, () => {
    throw new Error('the stream was opened');
  });
  const errors: unknown[] = [];
  output.write('first\n');
  output.write('é\n', (error) => errors.push(error));
  const buffer = Buffer.alloc(100);
  expect(buffer.toString('utf8', 0, readSync(fd, buffer))).toBe('first\né\n');
  expect(errors).toEqual([undefined]);
});

it('leaves to the stream what a full pipe does not take, and all that follows', async () => {
  const fd = await openPipe(O_RDWR);
  const stream = new FakeStream();
  const output = new PlainOutput(fd, () => stream);
  const text = Array.from({ length: 20_000 }, (_, index) => `${index}\n`).join('');
  const errors: unknown[] = [];
  output.write(text, (error) => errors.push(error));
  const buffer = Buffer.alloc(text.length);
  const first = buffer.toString('utf8', 0, readSync(fd, buffer));
  expect(first).toHaveLength(65_536);
  output.write('last');
  expect(stream.written).toEqual([text.slice(first.length), 'last']);
  expect(errors).toEqual([new Error('from the stream')]);
});

it('leaves an error to the stream, with the listeners for errors', async () => {
  const stream = new FakeStream();
  // Its reader is gone.
  const output = new PlainOutput(await openPipe(O_WRONLY), () => stream);
  const early = () => undefined;
  const late = () => undefined;
  output.on('error', early);
  output.write('lost');
  output.on('error', late);
  expect(stream).toMatchObject({ written: ['lost'], listeners: [early, late] });
});
