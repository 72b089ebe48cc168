import type { ChalkInstance } from 'chalk';
import type { Terminal } from './terminal.ts';

/** The pen for a stream: plain if the stream is not a terminal or colour is off. */
export async function penFor(terminal: Terminal, stream: 'stdout' | 'stderr'): Promise<ChalkInstance> {
  const { Chalk } = await import('chalk');
  return new Chalk({ level: terminal.colourLevel(stream) });
}
