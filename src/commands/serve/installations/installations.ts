import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../../../cli/command.ts';
import * as forget from './forget.ts';
import * as list from './list.ts';
import * as verify from './verify.ts';

export function define(command: Command, run: Run): void {
  command
    .summary('show, verify and delete the installations that serve keeps')
    .description('Shows, verifies and deletes the installations of the app through serve.')
    .addHelpText(
      'after',
      `
Examples:
  spacelift-slack serve installations list
  spacelift-slack serve installations verify --format json
  spacelift-slack serve installations forget T0123456789 --yes`,
    );
  list.define(command.command('list'), run);
  verify.define(command.command('verify'), run);
  forget.define(command.command('forget'), run);
}
