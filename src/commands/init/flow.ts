import type { Context } from '../../cli/context.ts';
import { showFailure } from '../../cli/failure.ts';
import { appTokenVariable } from '../../environment/app-token.ts';
import { credentialVariables } from '../../environment/credentials.ts';
import { withoutProject } from '../../environment/settings.ts';
import { ExitCode } from '../../exit-code.ts';
import { configTokenVariables } from '../../slack/api/config-token.ts';
import { type Choice, choose } from '../../terminal/prompt.ts';
import { UserError } from '../../user-error.ts';
import { readPipedSecrets } from '../options/credentials.ts';
import { findSpaceliftDomain, findWebhookDomain } from '../options/domain.ts';
import { requireFileName } from '../options/file-name.ts';
import { requireAll } from './missing.ts';
import type { InitOptions } from './options.ts';
import { requireWritable } from './place-step.ts';
import { type Answers, loadProgress, reconcile, saveProgress } from './progress.ts';
import type { Step, StepInput } from './step.ts';
import { steps } from './steps.ts';
import { keepsCredentials } from './stored-credentials.ts';

/** What the set-up does next. */
type Direction =
  | { readonly kind: 'step'; readonly step: Step; readonly again: StepInput['again'] }
  | { readonly kind: 'over' }
  | { readonly kind: 'stop' };

/**
 * The guided set-up: runs the steps that are not done yet, in order, and stores the answers after each. If a step fails,
 * and at the start of a later run, the person chooses what comes next; without a terminal there are no prompts.
 */
export async function init(options: InitOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  requireFileName(options.write, '--write');
  requireFileName(options.out, '--out');
  await requireWritable(options.write, options.out, context);
  const piped = options.secretsStdin ? await readPipedSecrets(context, secretVariables) : {};
  const flags = await withEnvironment(options, context);
  let answers = reconcile(await loadProgress(context), flags, context);
  if (!(await keepsCredentials(answers, context))) answers = { ...answers, stored: false };
  await requireAll(answers, flags, piped, context);
  let configToken: string | undefined;
  let failure: ExitCode | undefined;
  let isWarned = false;
  let direction = isBegun(answers) ? await chooseDirection(answers, undefined, context) : onward(answers);
  while (direction.kind !== 'stop') {
    if (direction.kind === 'over') {
      answers = {};
      direction = onward(answers);
      continue;
    }
    const { step, again } = direction;
    try {
      const result = await step.run({ answers, flags, context, piped, configToken, again });
      answers = result.answers;
      configToken = result.configToken ?? configToken;
      const notStored = await saveProgress(answers, context);
      // Once: it fails after each step. Without a terminal nobody continues.
      if (notStored !== undefined && terminal.interactive && !isWarned) {
        terminal.warn(notStored);
        isWarned = true;
      }
      context.interruption.throwIfAborted();
      if (result.exitCode !== undefined && !result.chooses) return result.exitCode;
      failure = result.exitCode;
      direction = result.chooses ? await chooseDirection(answers, undefined, context) : onward(answers);
    } catch (error) {
      if (!(error instanceof UserError) || !terminal.interactive || context.interruption.aborted) throw error;
      failure = error.exitCode;
      showFailure(error, terminal, false);
      direction = await chooseDirection(answers, step, context);
    }
  }
  return failure ?? ExitCode.done;
}

/** The variables that may be piped in: the credentials, or a token to create the app with. */
const secretVariables = [
  ...Object.values(credentialVariables),
  ...Object.values(configTokenVariables),
  appTokenVariable,
];

/** The options, with the domains of the environment if no option gives one. */
async function withEnvironment(options: InitOptions, context: Context): Promise<InitOptions> {
  const { terminal } = context;
  const settings = withoutProject(await context.settings());
  const domain = findSpaceliftDomain(options.domain, settings, terminal);
  return {
    ...options,
    domain,
    webhookDomain:
      options.public || options.socketMode
        ? undefined
        : findWebhookDomain(options.webhookDomain, domain, settings, terminal),
  };
}

function isBegun(answers: Answers): boolean {
  return steps.some((step) => step.summary(answers) !== undefined);
}

function onward(answers: Answers): Direction {
  const step = steps.find(({ summary }) => summary(answers) === undefined);
  return step ? { kind: 'step', step, again: undefined } : { kind: 'stop' };
}

async function chooseDirection(
  answers: Answers,
  failed: Step | undefined,
  { terminal }: Context,
): Promise<Direction> {
  const next = onward(answers);
  if (!terminal.interactive) return next;
  const choices: Choice<Direction>[] = [];
  if (failed) choices.push({ name: 'Retry', value: { kind: 'step', step: failed, again: 'failed' } });
  else if (next.kind === 'step') choices.push({ name: `Continue: ${next.step.title}`, value: next });
  for (const step of steps) {
    const summary = step.summary(answers);
    if (summary === undefined || step === failed) continue;
    choices.push({
      name: `Repeat: ${step.title} (${summary})`,
      value: { kind: 'step', step, again: 'repeated' },
    });
  }
  choices.push(
    { name: 'Start over', value: { kind: 'over' } },
    { name: 'Stop here', value: { kind: 'stop' } },
  );
  return choose(terminal, failed ? 'What next?' : 'This folder has a set-up already. What next?', choices, {
    wanted: 'the next step',
    instead: '--no-input',
  });
}
