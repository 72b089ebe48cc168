import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../../cli/command.ts';
import { appTokenVariable } from '../../environment/app-token.ts';
import { credentialVariables } from '../../environment/credentials.ts';
import { encryptionKeyVariable } from '../../store/key-variables.ts';
import * as events from './events/events.ts';
import * as installations from './installations/installations.ts';
import * as keys from './keys/keys.ts';
import { addServeOptions } from './options.ts';

export function define(command: Command, run: Run): void {
  // Without this, `serve events list --store` would be taken for an option of `serve` itself.
  command.enablePositionalOptions();
  events.define(command.command('events'), run);
  installations.define(command.command('installations'), run);
  keys.define(command.command('keys'), run);
  addServeOptions(command)
    .addHelpText(
      'after',
      `
Variables:
  ${credentialVariables.signingSecret.padEnd(30)}  the signing secret; required
  ${'SLACK_SECRET_PREVIOUS'.padEnd(30)}  the old signing secret, also accepted in a rotation
  ${'SLACK_SECRET_PREVIOUS_UNTIL'.padEnd(30)}  when that ends, such as 2026-12-01T12:00:00Z
  ${credentialVariables.clientId.padEnd(30)}  the client ID; with the secret, enables the OAuth routes
  ${credentialVariables.clientSecret.padEnd(30)}  the client secret
  ${appTokenVariable.padEnd(30)}  the app-level token for --socket-mode
  ${encryptionKeyVariable.padEnd(30)}  the key of the store (default for SQLite: a key file beside it)

Replicas share one PostgreSQL and one key: see docs/replicas.md.

Examples:
  spacelift-slack serve --domain spacelift.example.com --print-manifest-hint
  spacelift-slack serve --upstream https://spacelift.internal.example \\
    --trust-proxy
  spacelift-slack serve --socket-mode \\
    --upstream https://spacelift.internal.example
  spacelift-slack serve --listen 0.0.0.0:3000 \\
    --store sqlite:/var/lib/spacelift-slack/serve.db
  DATABASE_URL='postgres://slack@db.example.com/slack?sslmode=verify-full' \\
    spacelift-slack serve`,
    )
    .action(run(async (context, options) => (await import('./run.ts')).runServe(context, options)));
}
