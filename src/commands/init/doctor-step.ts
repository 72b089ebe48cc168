import type { Context } from '../../cli/context.ts';
import type { CheckId } from '../../doctor/catalogue/catalogue.ts';
import { appTokenVariable } from '../../environment/app-token.ts';
import { variablesOf } from '../../environment/credentials.ts';
import { readEnvFile } from '../../environment/settings.ts';
import { ExitCode } from '../../exit-code.ts';
import { renderTopic } from '../../explain/text.ts';
import { topics } from '../../explain/topic.ts';
import { configTokenVariables } from '../../slack/api/config-token.ts';
import { penFor } from '../../terminal/colour.ts';
import { type Choice, choose, confirm } from '../../terminal/prompt.ts';
import { usualTimeoutMs } from '../doctor/options.ts';
import { type DoctorRun, runDoctor } from '../doctor/run.ts';
import { doctorCommand, overridingVariables } from '../output/command-lines.ts';
import { nextSteps } from '../output/next-steps.ts';
import { knownDeployment } from './known.ts';
import { relayFile } from './socket-token.ts';
import type { StepInput, StepResult } from './step.ts';
import { storedCredentials } from './stored-credentials.ts';

/** The step that runs doctor. On a terminal, a failed run may be repeated, and its failures explained. */
export async function examine(input: StepInput): Promise<StepResult> {
  const { answers, flags, context, again } = input;
  const { terminal } = context;
  const known = knownDeployment(answers, flags, context);
  const question = 'Does Spacelift run with the new variables? Run doctor now';
  const runs =
    (again ? undefined : flags.doctor) ??
    (terminal.interactive && (await confirm(terminal, question, '--doctor', true)));
  if (!runs) {
    terminal.note(`Once it runs:  ${doctorCommand(known)}`);
    return { answers, exitCode: ExitCode.done };
  }
  const { exitCode, end } = await runUntilFinished(input);
  const examined = exitCode === ExitCode.done;
  if (end === 'other-step') return { answers, exitCode, chooses: true };
  const left = nextSteps(known, {
    doctor: examined ? undefined : 'stored',
    verification: true,
    installation: 'first',
  });
  for (const line of left) terminal.note(line);
  return { answers: { ...answers, examined }, exitCode };
}

interface Finished {
  readonly exitCode: ExitCode;
  readonly end: 'finished' | 'other-step';
}

async function runUntilFinished(input: StepInput): Promise<Finished> {
  const { context } = input;
  for (;;) {
    const run = await runOnce(input);
    const { exitCode } = run;
    const isOver =
      exitCode === ExitCode.done || !context.terminal.interactive || context.interruption.aborted;
    const end = isOver ? 'finished' : await chooseEnd(run, context);
    if (end !== 'again') return { exitCode, end };
  }
}

async function runOnce({ answers, flags, context, piped, configToken }: StepInput): Promise<DoctorRun> {
  const { domain = '', webhookDomain = domain, way, envFile = '.env', appId } = answers;
  const { slackApiUrl, ca, connectTo } = flags;
  const isSocketMode = way === 'socket-mode';
  const credentials = await storedCredentials(answers, context);
  return runDoctor(
    {
      domain,
      ...(isSocketMode ? { socketMode: true } : { webhookDomain }),
      envFile,
      appId,
      slackApiUrl,
      ca,
      connectTo,
      timeout: usualTimeoutMs,
      format: 'text',
    },
    context,
    {
      configToken: configToken ?? piped[configTokenVariables.accessToken],
      // Only the relay's file has it: Spacelift does not need it.
      appToken: isSocketMode ? (await readEnvFile(relayFile, false, context))[appTokenVariable] : undefined,
      notFromEnvironment: overridingVariables(context.env, { ...variablesOf(credentials) }),
    },
  );
}

type End = 'again' | Finished['end'];

/** What comes after a run that failed. */
async function chooseEnd({ failed }: DoctorRun, { terminal }: Context): Promise<End> {
  const choices: readonly Choice<End | { readonly explain: CheckId }>[] = [
    { name: 'Run doctor again', value: 'again' },
    ...failed.map((id) => ({ name: `Explain ${id}`, value: { explain: id } })),
    { name: 'Repeat another step', value: 'other-step' },
    { name: 'Finish', value: 'finished' },
  ];
  for (;;) {
    const end = await choose(terminal, 'Doctor failed. What next?', choices, {
      wanted: 'the next step',
      instead: '--no-input',
    });
    if (typeof end === 'string') return end;
    const topic = topics.find(({ id }) => id === end.explain);
    if (topic) terminal.report(renderTopic(topic, await penFor(terminal, 'stdout')));
  }
}
