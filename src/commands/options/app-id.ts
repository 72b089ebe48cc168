import { Option } from '@commander-js/extra-typings';
import type { Context } from '../../cli/context.ts';
import { ask } from '../../terminal/prompt.ts';
import { UserError } from '../../user-error.ts';
import { type ChangeOfApp, reportOrigin } from './origin.ts';

/** `--app-id`. */
export const appIdOption = () =>
  new Option('--app-id <id>', "the app's id, such as A0123456789 [env: SLACK_APP_ID]");

/**
 * The id of the app from the option, SLACK_APP_ID, the project file or, on a terminal, a prompt.
 *
 * @param change what a command changes with it
 * @throws UserError `app-id-invalid`, `value-from-folder`, or `input-missing` if prompts are not possible
 */
export async function requireAppId(
  given: string | undefined,
  context: Context,
  envFile?: string,
  change?: ChangeOfApp,
): Promise<string> {
  const { terminal } = context;
  const setting = given === undefined ? (await context.settings(envFile)).get('SLACK_APP_ID') : undefined;
  const found = given ?? setting?.value;
  if (found === undefined) {
    return ask(terminal, {
      message: "The app's id",
      instead: '--app-id <id>, or set SLACK_APP_ID',
      problem: appIdProblem,
    });
  }
  const appId = readAppId(found, given === undefined ? 'SLACK_APP_ID' : '--app-id');
  if (setting) reportOrigin(setting, { what: 'the app id', instead: '--app-id <id>' }, context, change);
  return appId;
}

/**
 * @param origin how the id was given
 * @throws UserError `app-id-invalid`
 */
export function readAppId(text: string, origin: string): string {
  const problem = appIdProblem(text);
  if (problem === undefined) return text;
  throw new UserError('app-id-invalid', `${origin}: ${problem}`, {
    hint: 'Copy it from "Basic Information" at https://api.slack.com/apps: an app id begins with A.',
    exitCode: 2,
  });
}

function appIdProblem(text: string): string | undefined {
  if (/^A[A-Z0-9]{5,}$/.test(text)) return undefined;
  return /^\d+\.\d+$/.test(text) ? 'expected an app id, got a client id' : 'not an app id';
}
