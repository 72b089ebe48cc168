import type { ChalkInstance } from 'chalk';
import type { Terminal } from './terminal.ts';

/** The pen for a stream: plain where the stream is no terminal or colour is switched off. */
export async function penFor(terminal: Terminal, stream: 'stdout' | 'stderr'): Promise<ChalkInstance> {
  const { Chalk } = await import('chalk');
  return new Chalk({ level: terminal.colourLevel(stream) });
}
