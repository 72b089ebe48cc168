import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../../cli/command.ts';
import * as create from './create.ts';
import * as remove from './delete.ts';
import * as diff from './diff.ts';
import * as exportCommand from './export.ts';
import * as update from './update.ts';
import * as validate from './validate.ts';

export function define(command: Command, run: Run): void {
  command.addHelpText(
    'after',
    `
Every command needs an app configuration token, in the environment or the env \
file:
  SLACK_CONFIG_TOKEN          the access token, xoxe.xoxp-…; valid for 12 hours
  SLACK_CONFIG_REFRESH_TOKEN  the refresh token, xoxe-1-…; exchanged when needed
Generate both at https://api.slack.com/apps, "Your App Configuration Tokens".

Examples:
  spacelift-slack app create --domain spacelift.example.com --write
  spacelift-slack app diff --domain spacelift.example.com --app-id A0123456789`,
  );
  create.define(command.command('create'), run);
  update.define(command.command('update'), run);
  exportCommand.define(command.command('export'), run);
  validate.define(command.command('validate'), run);
  diff.define(command.command('diff'), run);
  remove.define(command.command('delete'), run);
}
