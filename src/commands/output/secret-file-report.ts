import type { Context } from '../../cli/context.ts';
import { exposureFindings, inspectExposure } from '../../environment/file-exposure.ts';
import type { NamedFile, StoreOutcome } from '../../environment/secret-file.ts';

const wording = {
  created: (name: string) => `wrote ${name}`,
  updated: (name: string) => `updated ${name}`,
  unchanged: (name: string) => `${name} is up to date`,
} as const satisfies Record<StoreOutcome['change'], (name: string) => string>;

/**
 * Says what became of a file and, where it holds secrets, who else can get at it.
 *
 * @param isSecret false for placeholders and the like, which anybody may read
 */
export async function reportSecretFile(
  { path, name }: NamedFile,
  outcome: StoreOutcome,
  isSecret: boolean,
  { terminal, env }: Context,
): Promise<void> {
  terminal.note(wording[outcome.change](name));
  for (const note of outcome.notes) terminal.note(`note: ${note}`);
  if (!isSecret) return;
  const exposure = await inspectExposure(path, env);
  for (const { message, hint } of exposureFindings(name, exposure)) terminal.warn(`${message}. ${hint}`);
  if (exposure.git.state === 'unknown') {
    terminal.detail(`Whether git tracks ${name} is not known: ${exposure.git.reason}`);
  }
}
