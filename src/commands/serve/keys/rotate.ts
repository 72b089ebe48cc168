import type { Command } from '@commander-js/extra-typings';
import type { OptionsOf, Run } from '../../../cli/command.ts';
import type { Context } from '../../../cli/context.ts';
import { ExitCode } from '../../../exit-code.ts';
import { encryptionKeyVariable, previousKeyVariable } from '../../../store/key-variables.ts';
import { visible } from '../../../text/visible.ts';
import { UserError } from '../../../user-error.ts';
import { envFileOption } from '../../options/env-file.ts';
import { textOrJsonOption } from '../../options/format.ts';
import { withExistingStore } from '../existing-store.ts';
import { storeOption } from '../store-option.ts';

/** How many values are between two lines of progress. */
const progressStep = 10_000;

export function define(command: Command, run: Run): void {
  addOptions(command)
    .summary('encrypt the store with a new key')
    .description('Encrypts the store with a new key, while the old one still opens it. serve keeps running.')
    .addHelpText(
      'after',
      `
Steps, in this order:
  1. Generate a key: openssl rand -base64 32
  2. Give it to every replica of serve as ${encryptionKeyVariable},
     the old one as ${previousKeyVariable},
     and restart them. They open values with either key.
  3. Run this command once, with the same two variables.
  4. Remove ${previousKeyVariable} everywhere, and
     restart the replicas. The old key opens nothing in the store any more.

If it is interrupted, run it again. A SQLite store with a key file needs no
variables: in step 2, stop serve, rename FILE.key to FILE.key.previous, write
the new key to FILE.key, and start serve; in step 4, delete FILE.key.previous.

Examples:
  spacelift-slack serve keys rotate --env-file serve.env`,
    )
    .action(run(rotate));
}

function addOptions(command: Command) {
  return command.addOption(storeOption()).addOption(envFileOption()).addOption(textOrJsonOption());
}

async function rotate(context: Context, options: OptionsOf<typeof addOptions>): Promise<ExitCode> {
  const { terminal } = context;
  let reported = 0;
  let done = 0;
  const counts = await withExistingStore(options, context, (store) =>
    store
      .rotateKey(({ reencrypted, current }) => {
        done = reencrypted + current;
        if (done < reported + progressStep) return;
        reported = done;
        terminal.note(`${done} values encrypted with the new key so far`);
      })
      .catch((cause: unknown) => {
        throw interrupted(cause, done);
      }),
  );
  const { reencrypted, current, unreadable } = counts;
  if (options.format === 'json') {
    terminal.result(JSON.stringify(counts, null, 2));
  } else {
    const before = current === 0 ? '' : `, ${current} were before`;
    terminal.result(
      `${reencrypted} ${reencrypted === 1 ? 'value' : 'values'} encrypted with the new key${before}`,
    );
    terminal.note('Remove the previous key from every replica, and restart them: nothing needs it any more.');
  }
  if (unreadable > 0) {
    terminal.warn(`${unreadable} values are left as they are: neither key opens them`);
  }
  return ExitCode.done;
}

/** @param done how many values were encrypted with the new key before the store failed */
function interrupted(cause: unknown, done: number): unknown {
  // Errors of the language are bugs; all others are the store's.
  const isBug = !(cause instanceof Error) || /^(?:Type|Range|Reference)Error$/.test(cause.name);
  if (isBug || cause instanceof UserError) return cause;
  const values = done === 1 ? 'value was' : 'values were';
  return new UserError(
    'rotation-interrupted',
    `the store failed after ${done} ${values} encrypted with the new key: ${visible(cause.message)}`,
    { hint: 'Keep the previous key, and run it again: it continues where it ended.', exitCode: 3, cause },
  );
}
