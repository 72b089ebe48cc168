import { resolve } from 'node:path';
import type { Context } from '../../cli/context.ts';
import { rehearseCredentials, storeCredentials } from '../../environment/env-file.ts';
import { deploymentFormats } from '../../environment/formats/formats.ts';
import { followLinks } from '../../files/atomic-file.ts';
import { ask, choose } from '../../terminal/prompt.ts';
import { UserError } from '../../user-error.ts';
import { fileNameProblem } from '../options/file-name.ts';
import { requireFree } from '../output/result-file.ts';
import { reportSecretFile } from '../output/secret-file-report.ts';
import type { StepInput, StepResult } from './step.ts';
import { storedCredentials } from './stored-credentials.ts';

/** The step that asks for the format of the deployment, and for the files. */
export async function askPlace({ answers, flags, context, again }: StepInput): Promise<StepResult> {
  const { terminal } = context;
  const given = again ? {} : flags;
  const form =
    given.form ??
    (await choose(
      terminal,
      'Where does Spacelift run, and in which format does it read its variables?',
      deploymentFormats.map(({ name, summary }) => ({
        name: `${name}: ${summary}`,
        short: name,
        value: name,
      })),
      { wanted: 'the format of the variables', instead: '--form <form>', preset: answers.form ?? 'dotenv' },
    ));
  if (form === 'dotenv' && given.out !== undefined) {
    throw new UserError('usage-conflicting-option', '--out requires a format other than dotenv', {
      hint: 'Name the env file with --write, or pass another --form.',
      exitCode: 2,
    });
  }
  const envFile =
    given.write ??
    (await ask(terminal, {
      message: 'The env file for the credentials',
      instead: '--write <file>',
      preset: answers.envFile ?? '.env',
      problem: fileNameProblem,
    }));
  const out =
    form === 'dotenv'
      ? undefined
      : (given.out ??
        (await ask(terminal, {
          message: `The file in the format ${form}`,
          instead: '--out <file>',
          preset: answers.out,
          problem: fileNameProblem,
        })));
  if (out !== undefined) await requireTwoFiles(envFile, out, context);
  await requireWritable(envFile, out, context);
  if (answers.stored && envFile !== answers.envFile) {
    const file = { name: envFile, path: resolve(context.cwd, envFile) };
    const outcome = await storeCredentials(file, await storedCredentials(answers, context));
    await reportSecretFile(file, outcome, true, context);
  }
  return { answers: { ...answers, form, envFile, out, handedOver: false } };
}

/**
 * Rejects files that cannot be written, before anything is prompted for or created. Their content is checked when they
 * are written.
 */
export async function requireWritable(
  envFile: string | undefined,
  out: string | undefined,
  context: Context,
): Promise<void> {
  if (envFile !== undefined) {
    await rehearseCredentials({ name: envFile, path: resolve(context.cwd, envFile) });
  }
  if (out !== undefined) await requireFree({ file: out, force: true }, context);
}

/** Written over the env file, the other format would erase the credentials, and the next run would create another app. */
async function requireTwoFiles(envFile: string, out: string, { cwd }: Context): Promise<void> {
  const [first, second] = await Promise.all([envFile, out].map((name) => followLinks(resolve(cwd, name))));
  if (first !== second) return;
  throw new UserError(
    'usage-conflicting-option',
    `${out} is the env file itself, which holds the credentials`,
    {
      hint: 'Name another file with --out.',
      exitCode: 2,
    },
  );
}
