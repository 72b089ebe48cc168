import { PassThrough } from 'node:stream';
import { createProgram } from '../cli/program.ts';
import { commands } from '../main.ts';
import { tool } from '../package.ts';
import { renderManPage } from './man-page.ts';
import { renderReferencePage } from './page.ts';
import { readReference } from './reference.ts';

/** The pages that describe the whole program, by their place in the repository. */
export async function renderReferencePages(): Promise<Readonly<Record<string, string>>> {
  const reference = readReference(await defineProgram());
  return {
    'docs/reference.md': renderReferencePage(reference),
    'man/spacelift-slack.1': renderManPage(reference, tool.version),
  };
}

/** The program with every command defined. It can be asked for its help; running a command does nothing. */
function defineProgram() {
  const nothing = new PassThrough();
  const host = {
    stdin: nothing,
    stdout: nothing,
    stderr: nothing,
    env: {},
    cwd: () => '/',
    on: () => undefined,
    exit: () => undefined,
  };
  const names = commands.map(({ name }) => name);
  return createProgram(commands, ['help', ...names], host, () => async () => undefined);
}
