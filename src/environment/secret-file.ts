import { type ExistingFile, updateAtomically } from '../files/atomic-file.ts';
import { fileExists } from '../files/file-error.ts';

export interface NamedFile {
  /** Absolute. */
  readonly path: string;
  /** As the user named it. */
  readonly name: string;
}

export interface StoreOutcome {
  readonly change: 'created' | 'updated' | 'unchanged';
  /** What changed in an updated file, as a clause, such as `SLACK_SECRET replaced, 2 unchanged`. */
  readonly summary?: string;
  /** What else was done, each a clause for the user. */
  readonly notes: readonly string[];
}

export interface NewContent {
  readonly content: Buffer;
  /** Checks what was written before it replaces the old file; if it throws, the old file stays. */
  readonly verify?: (written: Buffer) => void;
  /** As in {@link StoreOutcome}. */
  readonly summary?: string;
  readonly notes?: readonly string[];
}

/** Who may read a file. With `owner`, the permissions of others are removed from an existing file. */
export type Readers = 'owner' | 'everybody';

/**
 * Derives a file's new content from its old content and replaces it in one step, readable by its owner only.
 *
 * @throws UserError `file-not-written`, and what `update` throws; the file is then unchanged
 */
export async function updateSecretFile(
  { path, name }: NamedFile,
  update: (before: Buffer | undefined) => NewContent,
  readers: Readers = 'owner',
): Promise<StoreOutcome> {
  let outcome: StoreOutcome = { change: 'unchanged', notes: [] };
  await updateAtomically(path, (existing) => {
    const { content, verify, summary, notes = [] } = update(existing?.content);
    const updated = { change: 'updated', ...(summary === undefined ? {} : { summary }) } as const;
    const mode = modeFor(readers, existing);
    if (!existing) {
      outcome = { change: 'created', notes };
    } else if (mode === undefined || mode === existing.mode) {
      const same = content.equals(existing.content);
      outcome = same ? { change: 'unchanged', notes } : { ...updated, notes };
      if (same) return undefined;
    } else {
      const tightened = `changed the mode of ${name} from ${octal(existing.mode)} to ${octal(mode)}: only its owner can read it`;
      outcome = { ...updated, notes: [...notes, tightened] };
    }
    return verify ? { content, mode, verify } : { content, mode };
  });
  return outcome;
}

/**
 * Writes a whole file.
 *
 * @param force whether other content may be overwritten
 * @throws UserError `file-exists` or `file-not-written`
 */
export function storeRendered(
  file: NamedFile,
  text: string,
  { readers, force }: { readonly readers: Readers; readonly force: boolean },
): Promise<StoreOutcome> {
  const content = Buffer.from(text);
  const update = (before: Buffer | undefined) => {
    if (!before || force || content.equals(before)) return { content };
    throw fileExists(file.name);
  };
  return updateSecretFile(file, update, readers);
}

function modeFor(readers: Readers, existing: ExistingFile | undefined): number | undefined {
  if (readers === 'everybody') return existing?.mode;
  return existing ? existing.mode & 0o600 : 0o600;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
