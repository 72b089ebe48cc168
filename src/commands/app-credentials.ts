import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parse } from 'dotenv';
import { credentialPlaceholders, credentialVariables, variablesOf } from '../environment/credentials.ts';
import { storeCredentials } from '../environment/env-file.ts';
import type { NamedFile } from '../environment/secret-file.ts';
import { writeRescueFile } from '../rescue-file.ts';
import type { CreatedApp } from '../slack/app-manifest-api.ts';
import type { Context } from '../terminal/context.ts';
import { confirm } from '../terminal/prompt.ts';
import { UserError } from '../user-error.ts';
import { rescueFolders } from './app-session.ts';

/**
 * The env file for a new app's credentials. It is looked at before the app is made, since they come once: it must be
 * writable, and another app's credentials in it are not replaced unasked.
 *
 * @param replace whether they may be
 * @throws UserError `file-not-written`, `credentials-in-place`, or `confirmation-missing`
 */
export async function chooseCredentialsFile(
  name: string,
  { replace }: { readonly replace: boolean },
  { cwd, terminal }: Context,
): Promise<NamedFile> {
  const path = resolve(cwd, name);
  const clientId = await clientIdIn(path, name);
  const question = `${name} holds the credentials of another app (client id ${clientId}). Replace them?`;
  if (clientId !== undefined && !replace && !(await confirm(terminal, question))) {
    throw new UserError('credentials-in-place', `${name} was left as it is, and no app was created`, {
      hint: 'Name another file with --write.',
      exitCode: 2,
    });
  }
  await rehearse(path, name);
  return { name, path };
}

/**
 * Stores the credentials of a new app, if need be elsewhere.
 *
 * @returns what else was done to the file
 * @throws UserError `credentials-not-stored`; it says where they are
 */
export async function keepCredentials(
  { appId, credentials }: CreatedApp,
  file: NamedFile,
  context: Context,
): Promise<readonly string[]> {
  try {
    return (await storeCredentials(file, credentials)).notes;
  } catch (cause) {
    const content = `${JSON.stringify(variablesOf(credentials), null, 2)}\n`;
    const rescue = await writeRescueFile(rescueFolders(context), `${appId}.json`, content);
    const happened = `the app ${appId} was created, but its credentials could not be stored in ${file.name}`;
    if (rescue !== undefined) {
      throw new UserError('credentials-not-stored', `${happened}: they are in ${rescue}`, {
        hint: `Mend that, run spacelift-slack env --secrets-stdin --write ${file.name} < ${rescue}, and remove the latter.`,
        exitCode: 3,
        cause,
      });
    }
    throw new UserError('credentials-not-stored', `${happened}, nor anywhere else`, {
      hint: `Copy them from "Basic Information" at https://api.slack.com/apps/${appId}.`,
      exitCode: 3,
      cause,
    });
  }
}

async function clientIdIn(path: string, name: string): Promise<string | undefined> {
  try {
    const value = parse(await readFile(path))[credentialVariables.clientId];
    return value === credentialPlaceholders.clientId || value === '' ? undefined : value;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw unwritable(name, cause);
  }
}

async function rehearse(path: string, name: string): Promise<void> {
  const probe = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await writeFile(probe, '', { flag: 'wx', mode: 0o600 });
    await rm(probe);
  } catch (cause) {
    throw unwritable(name, cause);
  }
}

function unwritable(name: string, cause: unknown): UserError {
  return new UserError('file-not-written', `${name} cannot be written, so no app was created`, {
    hint: 'Check that its folder exists and that you may write there.',
    exitCode: 3,
    cause,
  });
}
