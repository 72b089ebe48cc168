import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Context } from '../../cli/context.ts';
import { credentialParts, credentialVariables, variablesOf } from '../../environment/credentials.ts';
import { rehearseCredentials, storeCredentials } from '../../environment/env-file.ts';
import type { NamedFile } from '../../environment/secret-file.ts';
import { fileReason } from '../../files/file-error.ts';
import { writeRescueFile } from '../../files/rescue-file.ts';
import type { CreatedApp } from '../../slack/api/app-manifest-api.ts';
import { requireYes } from '../../terminal/prompt.ts';
import { UserError } from '../../user-error.ts';
import { reportSecretFile } from '../output/secret-file-report.ts';
import { rescueFolders } from './session.ts';

/**
 * The env file for a new app's credentials. A trial write comes before the app is created, since Slack returns the
 * credentials only once. Credentials in the file are replaced only after confirmation.
 *
 * @param replace whether they may be replaced without confirmation
 * @param instead what confirms beforehand
 * @throws UserError as `rehearseCredentials`, `declined`, or `confirmation-missing`
 */
export async function chooseCredentialsFile(
  name: string,
  { replace, instead = '--yes' }: { readonly replace: boolean; readonly instead?: string },
  { cwd, terminal }: Context,
): Promise<NamedFile> {
  const path = resolve(cwd, name);
  const kept = await rehearseCredentials({ name, path }).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    const { code, message, hint, exitCode } = error;
    throw new UserError(code, `${message}; no app was created`, { hint, exitCode, cause: error.cause });
  });
  const names = credentialParts.filter((part) => kept[part]).map((part) => credentialVariables[part]);
  if (names.length > 0 && !replace) {
    const question = `${name} already holds credentials (${names.join(', ')}). Replace them?`;
    await requireYes(terminal, question, `${name} is unchanged, and no app was created`, instead);
  }
  return { name, path };
}

/** The credentials of a new app, once they are stored. */
export interface KeptCredentials {
  /**
   * Prints the result.
   *
   * @throws UserError `credentials-not-stored` if they could not be printed; it names the file that holds them
   */
  print(write: () => Promise<void>): Promise<void>;
}

/**
 * Stores the credentials of a new app; if that fails, in a rescue file.
 *
 * @throws UserError `credentials-not-stored`; it names the file that holds them
 */
export async function keepCredentials(
  app: CreatedApp,
  file: NamedFile,
  context: Context,
): Promise<KeptCredentials> {
  const outcome = await storeCredentials(file, app.credentials).catch(async (cause: unknown) => {
    throw notStored(app, `stored in ${file.name}`, file.name, await rescue(app, context), cause);
  });
  await reportSecretFile(file, outcome, true, context);
  return { print: (write) => write() };
}

/** Keeps the credentials of a new app in a file until they are printed, since printing may fail. */
export async function keepUntilPrinted(app: CreatedApp, context: Context): Promise<KeptCredentials> {
  const file = await rescue(app, context);
  return {
    async print(write) {
      try {
        await write();
      } catch (cause) {
        throw notStored(app, 'printed', '.env', file, cause);
      }
      if (file !== undefined) await rm(file, { force: true });
    },
  };
}

function rescue({ appId, credentials }: CreatedApp, context: Context): Promise<string | undefined> {
  const content = `${JSON.stringify(variablesOf(credentials), null, 2)}\n`;
  return writeRescueFile(rescueFolders(context), `${appId}.json`, content);
}

/**
 * @param failed what failed, as it follows "could not be"
 * @param name the env file that they belong in
 */
function notStored(
  { appId }: CreatedApp,
  failed: string,
  name: string,
  rescued: string | undefined,
  cause: unknown,
): UserError {
  const happened = `the app ${appId} was created, but its credentials could not be ${failed} (${fileReason(cause, 'writing')})`;
  if (rescued === undefined) {
    return new UserError('credentials-not-stored', `${happened}, nor anywhere else`, {
      hint: `Copy them from "Basic Information" at https://api.slack.com/apps/${appId}.`,
      exitCode: 3,
      cause,
    });
  }
  return new UserError('credentials-not-stored', `${happened}: they are in ${rescued}`, {
    hint: `Fix that, run spacelift-slack env --secrets-stdin --write ${name} < ${rescued}, then delete ${rescued}.`,
    exitCode: 3,
    cause,
  });
}
