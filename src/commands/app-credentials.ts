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
import { requireYes } from '../terminal/prompt.ts';
import { UserError } from '../user-error.ts';
import { rescueFolders } from './app-session.ts';

/**
 * The env file for a new app's credentials. It is looked at before the app is made, since they come once: it must be
 * writable, and another app's credentials in it are not replaced unasked.
 *
 * @param replace whether they may be
 * @throws UserError `file-not-written`, `declined`, or `confirmation-missing`
 */
export async function chooseCredentialsFile(
  name: string,
  { replace }: { readonly replace: boolean },
  { cwd, terminal }: Context,
): Promise<NamedFile> {
  const path = resolve(cwd, name);
  const clientId = await clientIdIn(path, name);
  const question = `${name} holds the credentials of another app (client id ${clientId}). Replace them?`;
  if (clientId !== undefined && !replace) {
    await requireYes(terminal, question, `${name} was left as it is, and no app was created`);
  }
  await rehearse(path, name);
  return { name, path };
}

/** The credentials of a new app where they are safe from now on. */
export interface KeptCredentials {
  /** What else was done to their file. */
  readonly notes: readonly string[];
  /**
   * Prints the result.
   *
   * @throws UserError `credentials-not-stored` where they were to be printed and could not be; it says where they are
   */
  print(write: () => Promise<void>): Promise<void>;
}

/**
 * Stores the credentials of a new app, if need be elsewhere.
 *
 * @throws UserError `credentials-not-stored`; it says where they are
 */
export async function keepCredentials(
  app: CreatedApp,
  file: NamedFile,
  context: Context,
): Promise<KeptCredentials> {
  try {
    const { notes } = await storeCredentials(file, app.credentials);
    return { notes, print: (write) => write() };
  } catch (cause) {
    throw notStored(app, `stored in ${file.name}`, file.name, await rescue(app, context), cause);
  }
}

/** Puts the credentials of a new app into a file until they are printed: not every output can be written to. */
export async function keepUntilPrinted(app: CreatedApp, context: Context): Promise<KeptCredentials> {
  const file = await rescue(app, context);
  return {
    notes: [],
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
 * @param failed what could not be done with them, as it follows "could not be"
 * @param name the env file that they are to be brought home to
 */
function notStored(
  { appId }: CreatedApp,
  failed: string,
  name: string,
  rescued: string | undefined,
  cause: unknown,
): UserError {
  const happened = `the app ${appId} was created, but its credentials could not be ${failed}`;
  if (rescued === undefined) {
    return new UserError('credentials-not-stored', `${happened}, nor anywhere else`, {
      hint: `Copy them from "Basic Information" at https://api.slack.com/apps/${appId}.`,
      exitCode: 3,
      cause,
    });
  }
  return new UserError('credentials-not-stored', `${happened}: they are in ${rescued}`, {
    hint: `Mend that, run spacelift-slack env --secrets-stdin --write ${name} < ${rescued}, and remove the latter.`,
    exitCode: 3,
    cause,
  });
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
