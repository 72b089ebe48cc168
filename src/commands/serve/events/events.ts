import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../../../cli/command.ts';
import * as drop from './drop.ts';
import * as list from './list.ts';
import * as resend from './resend.ts';
import * as retry from './retry.ts';
import * as show from './show.ts';

export function define(command: Command, run: Run): void {
  command
    .summary('list, show, retry, resend and discard the events that a relay keeps')
    .description('Lists, shows, retries, resends and discards the events that a relay keeps.')
    .addHelpText(
      'after',
      `
Examples:
  spacelift-slack serve events list --state set-aside
  spacelift-slack serve events show Ev08ABCDEF
  spacelift-slack serve events retry Ev08ABCDEF
  spacelift-slack serve events drop --all-set-aside --yes`,
    );
  list.define(command.command('list'), run);
  show.define(command.command('show'), run);
  retry.define(command.command('retry'), run);
  resend.define(command.command('resend'), run);
  drop.define(command.command('drop'), run);
}
