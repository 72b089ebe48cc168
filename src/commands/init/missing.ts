import type { Context } from '../../cli/context.ts';
import { credentialParts, credentialVariables, readCredentials } from '../../environment/credentials.ts';
import { withSecrets } from '../../environment/secrets-input.ts';
import { UserError } from '../../user-error.ts';
import { hasToken } from './by-token.ts';
import type { InitOptions } from './options.ts';
import type { Answers } from './progress.ts';
import type { StepInput } from './step.ts';
import { keepsCredentials } from './stored-credentials.ts';

interface Missing {
  readonly what: string;
  /** What to pass. */
  readonly instead: string;
}

/**
 * Rejects a run without prompts that would stop at a later step: the error names everything that is missing.
 *
 * @throws UserError `input-missing`
 */
export async function requireAll(
  answers: Answers,
  flags: InitOptions,
  piped: StepInput['piped'],
  context: Context,
): Promise<void> {
  const { terminal } = context;
  if (terminal.interactive) return;
  const questions = [...missingAnswers(answers, flags)];
  const secrets = await missingSecrets(answers, flags, piped, context);
  // The step of the credentials first prints the link that leads to them.
  const missing =
    questions.length === 0 && secrets?.by === 'link' ? [] : [...questions, ...(secrets?.missing ?? [])];
  if (missing.length === 0) return;
  throw new UserError(
    'input-missing',
    `missing: ${missing.map(({ what }) => what).join('; ')}; ${terminal.whyNotInteractive}`,
    { hint: `Pass ${missing.map(({ instead }) => instead).join('; ')}.`, exitCode: 2 },
  );
}

function missingAnswers(answers: Answers, flags: InitOptions): readonly Missing[] {
  const { domain = flags.domain, by = flags.by, form = flags.form } = answers;
  const isReached =
    answers.webhookDomain ?? flags.webhookDomain ?? (flags.public || flags.socketMode || undefined);
  // The format is the last answer of its step: without it, the files are prompted for too.
  const { envFile, out } = answers.form === undefined ? { envFile: flags.write, out: flags.out } : answers;
  const questions: readonly (Missing & { readonly answer: unknown })[] = [
    {
      answer: domain,
      what: "Spacelift's domain",
      instead: '--domain <domain>, or set SPACELIFT_DOMAIN',
    },
    {
      answer: isReached,
      what: 'how Slack reaches Spacelift',
      instead: '--public, --webhook-domain <domain> or --socket-mode',
    },
    { answer: by, what: 'the way to create the app', instead: '--by token or --by link' },
    { answer: form, what: 'the format of the variables', instead: '--form <form>' },
    { answer: envFile, what: 'the env file for the credentials', instead: '--write <file>' },
    {
      answer: form === undefined || form === 'dotenv' ? 'none' : out,
      what: `the file in the format ${form}`,
      instead: '--out <file>',
    },
  ];
  return questions.filter(({ answer }) => answer === undefined);
}

async function missingSecrets(
  answers: Answers,
  flags: InitOptions,
  piped: StepInput['piped'],
  context: Context,
): Promise<{ readonly by: 'token' | 'link'; readonly missing: readonly Missing[] } | undefined> {
  const { by = flags.by, envFile = flags.write } = answers;
  if (by === undefined || (await keepsCredentials({ envFile: flags.write ?? envFile }, context)))
    return undefined;
  if (by === 'token') {
    const instead =
      'SLACK_CONFIG_TOKEN or SLACK_CONFIG_REFRESH_TOKEN in the environment, or with --secrets-stdin';
    const missing = { what: 'a configuration token', instead };
    return { by, missing: (await hasToken(flags, context, piped)) ? [] : [missing] };
  }
  const given = readCredentials(withSecrets(piped, await context.settings(false)));
  const names = credentialParts.filter((part) => !given[part]).map((part) => credentialVariables[part]);
  const what = "the app's credentials";
  const instead = `${names.join(', ')} in the environment, or with --secrets-stdin`;
  return { by, missing: names.length === 0 ? [] : [{ what, instead }] };
}
