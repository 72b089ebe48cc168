import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileReason } from '../files/file-error.ts';
import { UserError } from '../user-error.ts';

/** The file in a project's folder that remembers what is no secret. */
export const projectFileName = '.spacelift-slack.json';

/** What `schemas/project.schema.json` describes. */
export interface Project {
  readonly domain: string;
  readonly webhookDomain?: string;
  readonly appId?: string;
  /** The env file, inside the folder. */
  readonly envFile?: string;
  readonly way?: 'public' | 'path-rule' | 'relay' | 'socket-mode';
}

export type ProjectFile =
  | { readonly kind: 'none' }
  | { readonly kind: 'read'; readonly project: Project }
  /** The file of another user of the machine, of whose values none count. */
  | { readonly kind: 'foreign'; readonly uid: number };

const maxBytes = 16 * 1024;

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
}

type CompiledSchema = ((value: unknown) => boolean) & { readonly errors?: readonly SchemaError[] | null };

/**
 * Reads the project file of a folder. The folder may come from someone else: a link and a file that is no regular one
 * are refused, and so is an env file outside of the folder.
 *
 * @param uid the user whose files count; undefined where the system has no user ids
 * @throws UserError `project-file-invalid`
 */
export async function readProjectFile(cwd: string, uid = process.getuid?.()): Promise<ProjectFile> {
  const path = join(cwd, projectFileName);
  const file = openFile(path);
  if (file === undefined) return { kind: 'none' };
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw invalid('is not a regular file');
    if (uid !== undefined && status.uid !== uid) return { kind: 'foreign', uid: status.uid };
    if (status.size > maxBytes) throw invalid(`is larger than ${maxBytes / 1024} KiB`);
    const project = await parseProject(readFileSync(file, 'utf8'));
    await requireInside(cwd, project.envFile);
    return { kind: 'read', project };
  } finally {
    closeSync(file);
  }
}

/** Opens the file; undefined if there is none. */
function openFile(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') return undefined;
    // Linux and macOS answer ELOOP, FreeBSD EMLINK.
    if (code === 'ELOOP' || code === 'EMLINK') throw invalid('is a symbolic link', cause);
    throw invalid(`cannot be read: ${fileReason(cause, 'reading')}`, cause);
  }
}

/**
 * @param text the content of a project file
 * @throws UserError `project-file-invalid`
 */
async function parseProject(text: string): Promise<Project> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid('is not valid JSON', cause);
  }
  const { validate } = await import('./generated/project-schema.ts');
  // The generated code carries no types; this is what ajv documents for standalone validators.
  const validateProject: CompiledSchema = validate;
  const isProject = (checked: unknown): checked is Project => validateProject(checked);
  if (isProject(value)) return value;
  throw invalid(problemOf(validateProject.errors?.[0]));
}

function problemOf(error: SchemaError | undefined): string {
  const key = error?.instancePath.slice(1) ?? '';
  switch (error?.keyword) {
    case 'additionalProperties':
      return `has the unknown key ${JSON.stringify(error.params['additionalProperty'])}`;
    case 'required':
      return `lacks the key "${error.params['missingProperty']}"`;
    case 'pattern':
      return key === 'envFile'
        ? '"envFile" must name a file inside the folder, without ".."'
        : `"${key}" is not an app id`;
    case 'enum':
      return `"${key}" must be one of public, path-rule, relay, socket-mode`;
    case 'maxLength':
      return `"${key}" is too long`;
    default:
      return key === '' ? 'must be a JSON object' : `"${key}" must be a string`;
  }
}

/** A link would lead to an env file of another project, whose secrets are not meant. */
async function requireInside(cwd: string, envFile: string | undefined): Promise<void> {
  if (envFile === undefined) return;
  const { followLinks } = await import('../files/atomic-file.ts');
  // The env file may not be there yet: a link to it would be followed when it is written.
  const path = await Promise.all([followLinks(cwd), followLinks(join(cwd, envFile))]).then(
    ([folder, file]) => relative(folder, file),
    // What cannot be followed can neither be read nor written.
    () => '',
  );
  if (path === '..' || path.startsWith(`..${sep}`)) throw invalid('"envFile" is a link out of the folder');
}

function invalid(problem: string, cause?: unknown): UserError {
  return new UserError('project-file-invalid', `${projectFileName} ${problem}`, {
    hint: 'Correct it, or delete it: spacelift-slack init writes it again.',
    exitCode: 2,
    cause,
  });
}

/**
 * Writes the project file in one step. One that cannot be read is not overwritten. An env file outside of the folder is
 * left out.
 *
 * @param uid as for {@link readProjectFile}
 * @throws UserError `file-not-written`, `project-file-invalid`
 */
export async function writeProjectFile(
  cwd: string,
  project: Project,
  uid = process.getuid?.(),
): Promise<void> {
  const { domain, webhookDomain, appId, envFile, way } = project;
  const remembered = { domain, webhookDomain, appId, envFile: withinFolder(cwd, envFile), way };
  const text = `${JSON.stringify(remembered, null, 2)}\n`;
  await parseProject(text);
  const existing = await readProjectFile(cwd, uid);
  if (existing.kind === 'foreign')
    throw invalid(`belongs to another user of this machine (uid ${existing.uid})`);
  const { writeAtomically } = await import('../files/atomic-file.ts');
  await writeAtomically(join(cwd, projectFileName), text);
}

/** The env file's name in the folder; undefined if it is elsewhere, which no project file may name. */
function withinFolder(cwd: string, envFile: string | undefined): string | undefined {
  if (envFile === undefined) return undefined;
  const name = relative(cwd, resolve(cwd, envFile)).replaceAll('\\', '/');
  return name === '' || isAbsolute(name) || name.split('/').includes('..') ? undefined : name;
}
