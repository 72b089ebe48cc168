import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../../../cli/command.ts';
import * as rotate from './rotate.ts';

export function define(command: Command, run: Run): void {
  command
    .summary('replace the key that encrypts the store')
    .description('Replaces the key that encrypts the store of serve.');
  rotate.define(command.command('rotate'), run);
}
