import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileUnreadable } from '../files/file-error.ts';

interface Setting {
  readonly value: string;
  /** Where it was found: `environment`, or the env file as it was named. */
  readonly source: string;
}

/** Named values from the process environment and, behind it, the env file. Empty values count as absent. */
export interface Settings {
  get(name: string): Setting | undefined;
}

/** Where nothing is set. */
export const noSettings: Settings = { get: () => undefined };

export interface SettingsSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The file named with `--env-file`. Without one `.env` is read where it exists; `false` reads none. */
  readonly envFile?: string | false | undefined;
}

/**
 * Reads the env file, where there is one, and puts the process environment before it.
 *
 * @throws UserError `env-file-unreadable` where a named file cannot be read
 */
export async function readSettings({ env, cwd, envFile }: SettingsSources): Promise<Settings> {
  const name = envFile === undefined || envFile === false ? '.env' : envFile;
  const fromFile = envFile === false ? {} : await readEnvFile(cwd, name, envFile !== undefined);
  return {
    get(key) {
      const fromEnvironment = env[key];
      if (fromEnvironment !== undefined && fromEnvironment !== '') {
        return { value: fromEnvironment, source: 'environment' };
      }
      const value = Object.hasOwn(fromFile, key) ? fromFile[key] : undefined;
      return value === undefined || value === '' ? undefined : { value, source: name };
    },
  };
}

/**
 * Reads the variables of an env file.
 *
 * @param required whether a missing file is a failure; else it holds nothing
 * @throws UserError `env-file-unreadable`
 */
export async function readEnvFile(
  cwd: string,
  name: string,
  required: boolean,
): Promise<Record<string, string>> {
  let text: string;
  try {
    text = await readFile(resolve(cwd, name), 'utf8');
  } catch (cause) {
    if (!required && cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return {};
    throw fileUnreadable(`the env file ${name}`, cause, 'env-file-unreadable');
  }
  const { parse } = await import('dotenv');
  return parse(text);
}
