import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Context } from '../../cli/context.ts';
import { appTokenVariable } from '../../environment/app-token.ts';
import { type Credentials, variablesOf } from '../../environment/credentials.ts';
import { rehearseCredentials, storeCredentials } from '../../environment/env-file.ts';
import { usualDeployment } from '../../environment/formats/format.ts';
import { deploymentFormats, formatNamed } from '../../environment/formats/formats.ts';
import { readEnvFile, type Settings } from '../../environment/settings.ts';
import { ExitCode } from '../../exit-code.ts';
import { followLinks } from '../../files/atomic-file.ts';
import { configTokenVariables } from '../../slack/api/config-token.ts';
import { ask, choose, confirm, requireYes } from '../../terminal/prompt.ts';
import { UserError } from '../../user-error.ts';
import { usualTimeoutMs } from '../doctor/options.ts';
import { runDoctor } from '../doctor/run.ts';
import { askForDomain } from '../options/domain.ts';
import { fileNameProblem } from '../options/file-name.ts';
import { connectToSlack, readSlackUrl } from '../options/slack-api-url.ts';
import { doctorCommand, type KnownDeployment, nextSteps, overridingVariables } from '../output/next-steps.ts';
import { requireFree, writeResult } from '../output/result-file.ts';
import { reportSecretFile } from '../output/secret-file-report.ts';
import { obtainCredentials, storedCredentials } from './app.ts';
import type { InitOptions } from './options.ts';
import type { Answers } from './progress.ts';
import { obtainAppToken, relayFile, relayFileContent } from './socket-token.ts';
import type { Step, StepInput, StepResult } from './step.ts';

/** The steps in their order. Each uses the answers of those before it. */
export const steps: readonly Step[] = [
  { title: 'Domain', summary: ({ domain }) => domain, run: askDomain },
  {
    title: 'How Slack reaches it',
    summary: ({ domain, webhookDomain, socketMode }) => {
      if (webhookDomain === undefined) return undefined;
      if (socketMode) return 'by Socket Mode';
      return domain === webhookDomain ? 'directly' : webhookDomain;
    },
    run: askReach,
  },
  { title: 'How the app is created', summary: ({ by }) => by && `by ${by}`, run: askWay },
  { title: 'Where Spacelift runs', summary: ({ form, envFile }) => form && envFile && form, run: askPlace },
  {
    title: 'App and credentials',
    summary: ({ stored, envFile, appId }) =>
      stored ? [appId, envFile].filter(Boolean).join(', ') : undefined,
    run: obtainCredentials,
  },
  {
    title: 'Hand-over',
    summary: ({ handedOver, out, envFile }) => (handedOver ? (out ?? envFile) : undefined),
    run: handOver,
  },
  { title: 'Doctor', summary: ({ examined }) => (examined ? 'nothing failed' : undefined), run: examine },
];

async function askDomain({ answers, flags, context, again }: StepInput): Promise<StepResult> {
  const { terminal } = context;
  const domain =
    (again ? undefined : flags.domain) ??
    (await askForDomain(terminal, {
      message: "Spacelift's domain",
      instead: '--domain <domain>, or set SPACELIFT_DOMAIN',
      preset: answers.domain,
    }));
  if (answers.appId && domain !== answers.domain) {
    const old = answers.domain ?? 'the domain of the last run';
    terminal.warn(
      `the app ${answers.appId} is for ${old}: run spacelift-slack app update, or create another app`,
    );
  }
  return { answers: { ...answers, domain, webhookDomain: undefined, examined: false } };
}

async function askReach({ answers, flags, context, again }: StepInput): Promise<StepResult> {
  const { terminal } = context;
  const domain = answers.domain ?? '';
  const done = (webhookDomain: string, socketMode = false): StepResult => ({
    answers: { ...answers, webhookDomain, socketMode, examined: false },
  });
  if (!again && flags.public) return done(domain);
  if (!again && flags.socketMode) return done(domain, true);
  if (!again && flags.webhookDomain !== undefined) return done(flags.webhookDomain);
  const way = await choose(
    terminal,
    `Can Slack reach https://${domain}/webhooks/slack from the internet?`,
    [
      {
        name: 'Yes: Spacelift is public, and Slack calls it directly',
        short: 'yes',
        value: 'public' as const,
      },
      {
        name: 'By a path rule: a public load balancer forwards only /webhooks/slack',
        short: 'by a path rule',
        value: 'path' as const,
      },
      {
        name: 'By a relay: this program runs on a small public host in front of it',
        short: 'by a relay',
        value: 'relay' as const,
      },
      {
        name: 'No: nothing may be reachable. A relay inside opens connections to Slack (Socket Mode)',
        short: 'no, by Socket Mode',
        value: 'socket-mode' as const,
      },
    ],
    {
      wanted: 'how Slack reaches Spacelift',
      instead: '--public, --webhook-domain <domain> or --socket-mode',
    },
  );
  if (way === 'public') return done(domain);
  if (way === 'socket-mode') return done(domain, true);
  const webhookDomain = await askForDomain(terminal, {
    message: way === 'path' ? "The load balancer's public domain" : "The relay's public domain",
    instead: '--webhook-domain <domain>',
  });
  if (way === 'path') terminal.note('No relay is needed. Spacelift knows that host as WEBHOOKS_ENDPOINT.');
  else terminal.note(`The relay is this program: spacelift-slack serve --upstream https://${domain}`);
  return done(webhookDomain);
}

async function askWay({ answers, flags, context, again }: StepInput): Promise<StepResult> {
  const by =
    (again ? undefined : flags.by) ??
    (await choose(
      context.terminal,
      'How do you want to create the Slack app?',
      [
        {
          name: 'With an app configuration token: its credentials are stored at once',
          short: 'with a token',
          value: 'token' as const,
        },
        {
          name: 'Through a link in the browser: you copy three values by hand',
          short: 'through a link',
          value: 'link' as const,
        },
      ],
      {
        wanted: 'the way to create the app',
        instead: '--by token or --by link',
        preset: answers.by ?? 'token',
      },
    ));
  return { answers: { ...answers, by } };
}

async function askPlace({ answers, flags, context, again }: StepInput): Promise<StepResult> {
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

async function handOver({ answers, flags, context, piped }: StepInput): Promise<StepResult> {
  const { terminal, env } = context;
  const format = formatNamed(answers.form ?? 'dotenv');
  const name = answers.out ?? answers.envFile ?? '.env';
  const credentials = await storedCredentials(answers, context);
  if (answers.out !== undefined) {
    const text = format.render(credentials, usualDeployment);
    const force = flags.force ?? (await mayOverwrite(name, context));
    await writeResult(text, { file: name, force }, context, {
      readers: format.holdsValues ? 'owner' : 'everybody',
    });
  }
  if (answers.socketMode) await writeRelayFile(credentials, answers, flags, piped, context);
  const settings = await context.settings();
  const steps = nextSteps(knownDeployment(answers, flags, settings, context), {
    variables: { format, file: name, deployment: usualDeployment },
    relay: true,
    overriding: overridingVariables(env, { ...variablesOf(credentials) }),
    doctor: 'stored',
    verification: true,
    installation: 'first',
  });
  for (const line of steps) terminal.note(line);
  return { answers: { ...answers, handedOver: true } };
}

function knownDeployment(
  { domain, webhookDomain, socketMode, appId, envFile }: Answers,
  { slackApiUrl }: InitOptions,
  settings: Settings,
  context: Context,
): KnownDeployment {
  return {
    domain,
    webhookDomain,
    way: socketMode ? 'socket-mode' : undefined,
    appId,
    envFile,
    relayFile,
    slackApiUrl,
    slackUrl: readSlackUrl(slackApiUrl, settings, context, () => undefined),
  };
}

/** The file of the relay, with the app-level token that a person generates. */
async function writeRelayFile(
  { signingSecret }: Credentials,
  answers: Answers,
  flags: InitOptions,
  piped: StepInput['piped'],
  context: Context,
): Promise<void> {
  const { terminal } = context;
  const settings = await context.settings();
  const appToken = await obtainAppToken({
    terminal,
    given: piped[appTokenVariable] ?? settings.get(appTokenVariable)?.value,
    signingSecret,
    appId: answers.appId,
    slack: await connectToSlack(flags.slackApiUrl, settings, context),
  });
  const content = relayFileContent(signingSecret, appToken);
  await writeResult(content, { file: relayFile, force: true }, context, { readers: 'owner' });
}

async function mayOverwrite(name: string, { cwd, terminal }: Context): Promise<boolean> {
  if (!terminal.interactive || !existsSync(resolve(cwd, name))) return false;
  await requireYes(terminal, `${name} exists. Overwrite it?`, `${name} is unchanged`, '--force');
  return true;
}

async function examine({
  answers,
  flags,
  context,
  piped,
  configToken,
  again,
}: StepInput): Promise<StepResult> {
  const { terminal } = context;
  const { domain = '', webhookDomain = domain, envFile = '.env', appId } = answers;
  const { slackApiUrl } = flags;
  const question = 'Does Spacelift run with the new variables? Run doctor now';
  const wanted =
    (again ? undefined : flags.doctor) ??
    (terminal.interactive && (await confirm(terminal, question, '--doctor', true)));
  if (!wanted) {
    const known = knownDeployment(answers, flags, await context.settings(), context);
    terminal.note(`Once it runs:  ${doctorCommand(known)}`);
    return { answers, exitCode: ExitCode.done };
  }
  const exitCode = await runDoctor(
    {
      domain,
      ...(answers.socketMode ? { socketMode: true } : { webhookDomain }),
      envFile,
      appId,
      slackApiUrl,
      timeout: usualTimeoutMs,
      format: 'text',
    },
    context,
    configToken ?? piped[configTokenVariables.accessToken],
    // It is in the relay's file alone: Spacelift's own does not hold it.
    answers.socketMode ? (await readEnvFile(context.cwd, relayFile, false))[appTokenVariable] : undefined,
  );
  return { answers: { ...answers, examined: exitCode === ExitCode.done }, exitCode };
}
