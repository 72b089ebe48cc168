import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../../../cli/command.ts';
import * as drop from './drop.ts';
import * as list from './list.ts';
import * as retry from './retry.ts';

export function define(command: Command, run: Run): void {
  command
    .summary('list, retry and discard the events that a relay keeps')
    .description('Lists, retries and discards the events that a relay keeps until Spacelift receives them.')
    .addHelpText(
      'after',
      `
Examples:
  spacelift-slack serve events list --state set-aside
  spacelift-slack serve events retry Ev08ABCDEF
  spacelift-slack serve events drop --all-set-aside --yes`,
    );
  list.define(command.command('list'), run);
  retry.define(command.command('retry'), run);
  drop.define(command.command('drop'), run);
}
