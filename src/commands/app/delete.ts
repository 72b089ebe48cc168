import type { Context } from '../../cli/context.ts';
import { ExitCode } from '../../exit-code.ts';
import { valueAt } from '../../json-value.ts';
import { ask } from '../../terminal/prompt.ts';
import { visible } from '../../text/visible.ts';
import { UserError } from '../../user-error.ts';
import { requireAppId } from './options.ts';
import { openSession, type SessionFlags } from './session.ts';

interface Flags extends SessionFlags {
  readonly appId?: string | undefined;
  readonly yes?: true | undefined;
  readonly format: 'text' | 'json';
}

export async function deleteApp(flags: Flags, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  if (flags.yes && flags.appId === undefined) {
    throw new UserError('app-id-missing', '--yes deletes only an app that --app-id names', {
      hint: 'Pass --app-id <id> as well.',
      exitCode: 2,
    });
  }
  if (!flags.yes && !terminal.interactive) {
    throw new UserError('confirmation-missing', `the app's name must be typed, and ${terminal.silence}`, {
      hint: 'Pass --yes and --app-id <id> to delete the app without being asked.',
      exitCode: 2,
    });
  }
  const appId = await requireAppId(flags.appId, context, flags.envFile);
  const { apps, done, change } = await openSession(flags, context);
  const name = String(
    valueAt(done(await apps.export(appId), `find the app ${appId}`), '/display_information/name') ?? appId,
  );
  if (!flags.yes) {
    await ask(terminal, {
      message: `Type ${visible(name)} to delete the app ${appId} and every installation of it, for good`,
      instead: `--yes --app-id ${appId}`,
      problem: (answer) =>
        answer === name ? undefined : `This is not its name. Ctrl-C leaves the app alone.`,
    });
  }
  await change(
    (signal) => apps.delete(appId, signal),
    `delete the app ${appId}`,
    `See whether spacelift-slack app export --app-id ${appId} still finds it.`,
  );
  const text = `The app ${appId} (${visible(name)}) is deleted.`;
  terminal.result(flags.format === 'json' ? JSON.stringify({ appId, name, deleted: true }, null, 2) : text);
  return ExitCode.done;
}
