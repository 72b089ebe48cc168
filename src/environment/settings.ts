import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileUnreadable } from '../files/file-error.ts';
import { type EnvFileVariable, ignoredInEnvFiles } from './variables.ts';

export interface Setting {
  readonly value: string;
  /** Where it was found: `environment`, `standard input`, or the env file as it was named. */
  readonly source: string;
  /** The next source that holds another value, which this one overrides. */
  readonly overrides?: string;
}

/**
 * Values from the process environment and, behind it, the env file. Only the variables in `variables.ts` can be
 * asked for: an env file sets those and no others. Empty values count as absent.
 */
export interface Settings {
  get(name: EnvFileVariable): Setting | undefined;
  /** Variables that the env file sets although only the process environment counts, and the name of that file. */
  readonly ignored: { readonly names: readonly string[]; readonly file: string } | undefined;
}

/** Settings without any value. */
export const noSettings: Settings = { get: () => undefined, ignored: undefined };

export interface SettingsSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The file named with `--env-file`. Without one `.env` is read if it exists; `false` reads none. */
  readonly envFile?: string | false | undefined;
}

/**
 * Reads the env file, if there is one, and puts the process environment before it.
 *
 * @throws UserError `env-file-unreadable` if a named file cannot be read
 */
export async function readSettings({ env, cwd, envFile }: SettingsSources): Promise<Settings> {
  const file = envFile === undefined || envFile === false ? '.env' : envFile;
  const fromFile = envFile === false ? {} : await readEnvFile(cwd, file, envFile !== undefined);
  const ignored = ignoredInEnvFiles.filter((name) => Object.hasOwn(fromFile, name));
  return {
    get(name) {
      const value = Object.hasOwn(fromFile, name) ? fromFile[name] : undefined;
      return override(env[name], 'environment', value ? { value, source: file } : undefined);
    },
    ignored: ignored.length > 0 ? { names: ignored, file } : undefined,
  };
}

/** A value that comes before another one; the other one if it is absent. */
export function override(
  value: string | undefined,
  source: string,
  other: Setting | undefined,
): Setting | undefined {
  if (value === undefined || value === '') return other;
  return other && other.value !== value ? { value, source, overrides: other.source } : { value, source };
}

/**
 * Reads the variables of an env file.
 *
 * @param required whether a missing file is a failure; if not, it counts as empty
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
