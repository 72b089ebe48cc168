import type { Context } from '../../cli/context.ts';
import {
  type Credentials,
  completeCredentials,
  type PartialCredentials,
  realCredentials,
} from '../../environment/credentials.ts';
import { readEnvFile } from '../../environment/settings.ts';
import { UserError } from '../../user-error.ts';
import type { Answers } from './progress.ts';

/**
 * The credentials that an earlier step has stored in the env file.
 *
 * @throws UserError `credentials-missing` if they are gone
 */
export async function storedCredentials(answers: Answers, context: Context): Promise<Credentials> {
  const name = envFileOf(answers);
  const credentials = completeCredentials(await credentialsIn(name, context));
  if (credentials) return credentials;
  throw new UserError('credentials-missing', `${name} no longer holds the three credentials`, {
    hint: 'Repeat the step "App and credentials".',
    exitCode: 2,
  });
}

/** Whether the env file still holds credentials. */
export async function keepsCredentials(answers: Answers, context: Context): Promise<boolean> {
  return completeCredentials(await credentialsIn(envFileOf(answers), context)) !== undefined;
}

/** The name of the env file. */
export function envFileOf({ envFile = '.env' }: Answers): string {
  return envFile;
}

/** The credentials in an env file, of which some may be missing. */
export async function credentialsIn(name: string, context: Context): Promise<PartialCredentials> {
  return realCredentials(await readEnvFile(name, false, context));
}
