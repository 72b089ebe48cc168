import { resolve } from 'node:path';
import { fileUnreadable } from '../files/file-error.ts';
import { type InputWait, readInput } from '../files/read-input.ts';
import { type Project, type ProjectFile, projectFileName, readProjectFile } from './project-file.ts';
import { type EnvFileVariable, ignoredInEnvFiles } from './variables.ts';

export interface Setting {
  readonly value: string;
  /** Where it was found: `environment`, `standard input`, or the file as it was named. */
  readonly source: string;
  /** Set if it comes from a file of the folder, which someone else may have written. */
  readonly file?: 'env' | 'project';
  /** The next source that holds another value, which this one overrides. */
  readonly overrides?: string;
}

/**
 * Values from the process environment and, behind it, the env file and the project file. Only the variables in `variables.ts` can be
 * asked for: an env file sets those and no others. Empty values count as absent.
 */
export interface Settings {
  get(name: EnvFileVariable): Setting | undefined;
  /** Variables that the env file sets although only the process environment counts, and the name of that file. */
  readonly ignored: { readonly names: readonly string[]; readonly file: string } | undefined;
  /** The name of the env file that was read, or would have been if it existed. */
  readonly envFile: string;
  /** The project file of the folder. */
  readonly projectFile: ProjectFile;
}

/** Settings without any value. */
export const noSettings: Settings = {
  get: () => undefined,
  ignored: undefined,
  envFile: '.env',
  projectFile: { kind: 'none' },
};

export interface SettingsSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /**
   * The file named with `--env-file`. Without one that of the project file is read, or `.env`, if it exists. `false`
   * reads no file of the folder.
   */
  readonly envFile?: string | false | undefined;
  readonly inputWait?: InputWait;
}

/**
 * Reads the project file and the env file, if they exist, and puts the process environment before them.
 *
 * @throws UserError `env-file-unreadable` if a named file cannot be read, `project-file-invalid`
 */
export async function readSettings(sources: SettingsSources): Promise<Settings> {
  const { env, cwd, envFile } = sources;
  const projectFile: ProjectFile = envFile === false ? { kind: 'none' } : await readProjectFile(cwd);
  const project = projectFile.kind === 'read' ? projectFile.project : undefined;
  const file = envFile || (project?.envFile ?? '.env');
  const fromFile = envFile === false ? {} : await readEnvFile(file, envFile !== undefined, sources);
  const ignored = ignoredInEnvFiles.filter((name) => Object.hasOwn(fromFile, name));
  return {
    get(name) {
      const value = Object.hasOwn(fromFile, name) ? fromFile[name] : undefined;
      const behind: Setting | undefined = value
        ? { value, source: file, file: 'env' }
        : project && rememberedSetting(project, name);
      return override(env[name], 'environment', behind);
    },
    ignored: ignored.length > 0 ? { names: ignored, file } : undefined,
    envFile: file,
    projectFile,
  };
}

function rememberedSetting(project: Project, name: EnvFileVariable): Setting | undefined {
  const remembered: Partial<Record<EnvFileVariable, string | undefined>> = {
    SPACELIFT_DOMAIN: project.domain,
    SPACELIFT_WEBHOOK_DOMAIN: project.webhookDomain,
    SLACK_APP_ID: project.appId,
  };
  const value = remembered[name];
  return value ? { value, source: projectFileName, file: 'project' } : undefined;
}

/** The settings without what the project file remembers, for a command that writes it. */
export function withoutProject(settings: Settings): Settings {
  return {
    ...settings,
    get(name) {
      const setting = settings.get(name);
      return setting?.file === 'project' ? undefined : setting;
    },
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
  name: string,
  required: boolean,
  { cwd, inputWait }: Pick<SettingsSources, 'cwd' | 'inputWait'>,
): Promise<Record<string, string>> {
  const what = `the env file ${name}`;
  let content: Buffer;
  try {
    content = await readInput(resolve(cwd, name), what, inputWait);
  } catch (cause) {
    if (!required && cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return {};
    throw fileUnreadable(what, cause, 'env-file-unreadable');
  }
  const { parse } = await import('dotenv');
  return parse(content.toString());
}
