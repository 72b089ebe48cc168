import { type ExistingFile, updateAtomically } from '../files/atomic-file.ts';
import { fileExists } from '../files/file-error.ts';

export interface NamedFile {
  /** Absolute. */
  readonly path: string;
  /** As the person named it. */
  readonly name: string;
}

export interface StoreOutcome {
  readonly change: 'created' | 'updated' | 'unchanged';
  /** What else was done, each as a clause that a person should read. */
  readonly notes: readonly string[];
}

export interface NewContent {
  readonly content: Buffer;
  /** Reads what lies on disk before it takes the old file's place; what it throws leaves the old one there. */
  readonly verify?: (written: Buffer) => void;
  readonly notes?: readonly string[];
}

/** Who may read a file: with `owner` the mode of one that others can read is tightened. */
export type Readers = 'owner' | 'everybody';

/**
 * Makes a file's new content out of its old one, in one step and for the eyes of its owner only.
 *
 * @throws UserError `file-not-written`, and what `update` throws; the file is then as it was
 */
export async function updateSecretFile(
  { path, name }: NamedFile,
  update: (before: Buffer | undefined) => NewContent,
  readers: Readers = 'owner',
): Promise<StoreOutcome> {
  let outcome: StoreOutcome = { change: 'unchanged', notes: [] };
  await updateAtomically(path, (existing) => {
    const { content, verify, notes = [] } = update(existing?.content);
    const mode = modeFor(readers, existing);
    if (!existing) {
      outcome = { change: 'created', notes };
    } else if (mode === undefined || mode === existing.mode) {
      const same = content.equals(existing.content);
      outcome = { change: same ? 'unchanged' : 'updated', notes };
      if (same) return undefined;
    } else {
      const tightened = `${name} had mode ${octal(existing.mode)}; now it has ${octal(mode)}, so that only its owner can read it`;
      outcome = { change: 'updated', notes: [...notes, tightened] };
    }
    return verify ? { content, mode, verify } : { content, mode };
  });
  return outcome;
}

/**
 * Writes a whole text.
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
