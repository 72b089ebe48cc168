import type { Context } from '../../cli/context.ts';
import { exposureFindings, inspectExposure } from '../../environment/file-exposure.ts';
import type { NamedFile, StoreOutcome } from '../../environment/secret-file.ts';

const wording = {
  created: (name: string) => `wrote ${name}`,
  updated: (name: string) => `updated ${name}`,
  unchanged: (name: string) => `${name} is up to date`,
} as const satisfies Record<StoreOutcome['change'], (name: string) => string>;

/**
 * Reports what was written to a file and, if it holds secrets, who else can read it.
 *
 * @param isSecret false for placeholders and the like
 */
export async function reportSecretFile(
  { path, name }: NamedFile,
  outcome: StoreOutcome,
  isSecret: boolean,
  { terminal, env }: Context,
): Promise<void> {
  const summary = outcome.summary === undefined ? '' : `: ${outcome.summary}`;
  terminal.note(`${wording[outcome.change](name)}${summary}`);
  for (const note of outcome.notes) terminal.note(`note: ${note}`);
  if (!isSecret) return;
  const exposure = await inspectExposure(path, env);
  if (!exposure) return;
  for (const { message, hint } of exposureFindings(name, exposure)) terminal.warn(`${message}. ${hint}`);
  if (exposure.git.state === 'unknown') {
    terminal.detail(`Could not find out whether git tracks ${name}: ${exposure.git.reason}`);
  }
}
