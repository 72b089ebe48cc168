import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { type Domain, parseDomain } from '../domain.ts';
import { storeCredentials } from '../environment/env-file.ts';
import type { Form } from '../environment/forms/form.ts';
import { forms } from '../environment/forms/forms.ts';
import { nextSteps } from '../environment/forms/next-steps.ts';
import { storeRendered } from '../environment/secret-file.ts';
import { readSettings } from '../environment/settings.ts';
import type { Context } from '../terminal/context.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { ask, choose, confirm } from '../terminal/prompt.ts';
import { UserError } from '../user-error.ts';
import type { InitFlags } from './init.ts';
import { obtainCredentials, storedCredentials } from './init-app.ts';
import type { Answers } from './init-progress.ts';
import { reportSecretFile } from './secret-file-report.ts';

export interface StepInput {
  readonly answers: Answers;
  readonly flags: InitFlags;
  readonly context: Context;
  /** True where a person wants the step repeated: then they are asked, whatever the options say. */
  readonly again: boolean;
}

export interface StepResult {
  readonly answers: Answers;
  /** Ends the set-up. */
  readonly exitCode?: ExitCode;
}

export interface Step {
  readonly title: string;
  /** What has come of it, in a few words; nothing where it is not done. */
  summary(answers: Answers): string | undefined;
  run(input: StepInput): Promise<StepResult>;
}

/** The steps in their order. Each uses the answers of those before it. */
export const steps: readonly Step[] = [
  { title: 'Domain', summary: ({ domain }) => domain, run: askDomain },
  {
    title: 'How Slack reaches it',
    summary: ({ domain, webhookDomain }) =>
      webhookDomain === undefined || domain === webhookDomain ? webhookDomain && 'directly' : webhookDomain,
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
  { title: 'Doctor', summary: ({ examined }) => (examined ? 'nothing failed' : undefined), run: runDoctor },
];

async function askDomain({ answers, flags, context, again }: StepInput): Promise<StepResult> {
  const settings = await readSettings({ env: context.env, cwd: context.cwd });
  const given = again ? undefined : (flags.domain ?? settings.get('SPACELIFT_DOMAIN')?.value);
  const domain =
    given === undefined
      ? await askForDomain("Spacelift's domain", '--domain <domain>', answers.domain, context)
      : readDomain(given, '--domain');
  if (answers.appId && domain !== answers.domain) {
    context.terminal.note(
      `The app ${answers.appId} still has the old domain: bring it along with app update.`,
    );
  }
  return { answers: { ...answers, domain, webhookDomain: undefined, examined: false } };
}

async function askReach({ answers, flags, context, again }: StepInput): Promise<StepResult> {
  const { terminal, env, cwd } = context;
  const domain = answers.domain ?? '';
  const settings = await readSettings({ env, cwd });
  const given = again ? undefined : (flags.webhookDomain ?? settings.get('SPACELIFT_WEBHOOK_DOMAIN')?.value);
  if (!again && flags.public) return { answers: { ...answers, webhookDomain: domain } };
  if (given !== undefined) {
    return { answers: { ...answers, webhookDomain: readDomain(given, '--webhook-domain') } };
  }
  const isPublic = await choose(
    terminal,
    `Can Slack reach https://${domain}/webhooks/slack from the internet?`,
    [
      { name: 'Yes: Spacelift is public', short: 'yes', value: true },
      {
        name: 'No: it is private, and a relay with a public host is to stand before it',
        short: 'no',
        value: false,
      },
    ],
    { instead: '--public, or --webhook-domain <domain>' },
  );
  if (isPublic) return { answers: { ...answers, webhookDomain: domain, examined: false } };
  const webhookDomain = await askForDomain(
    "The relay's public domain",
    '--webhook-domain',
    undefined,
    context,
  );
  terminal.note(`The relay is this program: spacelift-slack serve --upstream https://${domain}`);
  return { answers: { ...answers, webhookDomain, examined: false } };
}

async function askWay({ answers, flags, context, again }: StepInput): Promise<StepResult> {
  const by =
    (again ? undefined : flags.by) ??
    (await choose(
      context.terminal,
      'How shall the Slack app be created?',
      [
        {
          name: 'With an app configuration token: the credentials are stored at once, nothing is copied by hand',
          short: 'with a token',
          value: 'token' as const,
        },
        {
          name: 'Through a link in the browser: you copy three values',
          short: 'through a link',
          value: 'link' as const,
        },
      ],
      { instead: '--by token or --by link', preset: answers.by ?? 'token' },
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
      'Where does Spacelift run, and how does it take its variables?',
      forms.map(({ name, summary }) => ({ name: `${name}: ${summary}`, short: name, value: name })),
      { instead: '--form <form>', preset: answers.form ?? 'dotenv' },
    ));
  const envFile =
    given.write ??
    (await ask(terminal, {
      message: 'The env file that keeps the credentials',
      instead: '--write <file>',
      preset: answers.envFile ?? '.env',
      problem: (text) => (text.trim() === '' ? 'A file needs a name.' : undefined),
    }));
  const out =
    form === 'dotenv'
      ? undefined
      : (given.out ??
        (await ask(terminal, {
          message: `The file for the form ${form}`,
          instead: '--out <file>',
          preset: answers.out,
          problem: (text) => (text.trim() === '' ? 'A file needs a name.' : undefined),
        })));
  if (answers.stored && envFile !== answers.envFile) {
    const file = { name: envFile, path: resolve(context.cwd, envFile) };
    const outcome = await storeCredentials(file, await storedCredentials(answers, context));
    await reportSecretFile(file, outcome, true, context);
  }
  return { answers: { ...answers, form, envFile, out, handedOver: false } };
}

async function handOver({ answers, flags, context, again }: StepInput): Promise<StepResult> {
  const { terminal, cwd } = context;
  const form = formNamed(answers.form);
  const deployment = { namespace: 'spacelift', secretName: 'spacelift-shared' };
  const name = answers.out ?? answers.envFile ?? '.env';
  if (answers.out !== undefined) {
    const file = { name, path: resolve(cwd, name) };
    const text = form.render(await storedCredentials(answers, context), deployment);
    const readers = form.holdsValues ? 'owner' : 'everybody';
    await reportSecretFile(
      file,
      await storeRendered(file, text, { readers, force: again || flags.force === true }),
      form.holdsValues,
      context,
    );
  }
  for (const line of nextSteps(form, name, deployment)) terminal.note(line);
  return { answers: { ...answers, handedOver: true } };
}

async function runDoctor({ answers, flags, context, again }: StepInput): Promise<StepResult> {
  const { terminal } = context;
  const question = 'Is Spacelift running with the new variables? Then doctor can look at it now';
  const wanted =
    (again ? undefined : flags.doctor) ??
    (terminal.interactive && (await confirm(terminal, question, '--doctor', true)));
  const args = [
    ...['--domain', answers.domain ?? '', '--webhook-domain', answers.webhookDomain ?? answers.domain ?? ''],
    ...['--env-file', answers.envFile ?? '.env'],
    ...(flags.slackApiUrl === undefined ? [] : ['--slack-api-url', flags.slackApiUrl]),
  ];
  if (!wanted) {
    terminal.note(`When it runs:  spacelift-slack doctor ${args.join(' ')}`);
    return { answers, exitCode: ExitCode.done };
  }
  const outcome: { exitCode: ExitCode } = { exitCode: ExitCode.failed };
  const command = new Command('doctor').exitOverride();
  (await import('./doctor.ts')).define(command, async (work) => {
    outcome.exitCode = await work(context);
  });
  await command.parseAsync(args, { from: 'user' });
  return { answers: { ...answers, examined: outcome.exitCode === ExitCode.done }, ...outcome };
}

function askForDomain(message: string, instead: string, preset: string | undefined, { terminal }: Context) {
  return ask(terminal, {
    message,
    instead,
    preset,
    problem: (text) => {
      const parsed = parseDomain(text);
      return parsed.ok ? undefined : `This ${parsed.problem}. ${parsed.hint}`;
    },
  }).then((answer) => readDomain(answer, 'the answer'));
}

function readDomain(text: string, origin: string): Domain {
  const parsed = parseDomain(text);
  if (parsed.ok) return parsed.domain;
  throw new UserError('domain-invalid', `${origin}: "${text}" ${parsed.problem}`, {
    hint: parsed.hint,
    exitCode: 2,
  });
}

function formNamed(name: string | undefined): Form {
  const form = forms.find((candidate) => candidate.name === name);
  if (!form) throw new TypeError(`there is no form ${name}`);
  return form;
}
