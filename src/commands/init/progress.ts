import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Context } from '../../cli/context.ts';
import { parseDomain } from '../../domain.ts';
import { forms } from '../../environment/forms/forms.ts';
import { writeAtomically } from '../../files/atomic-file.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { stateFolder } from '../../files/state-folder.ts';
import { fileNameProblem } from '../options/file-name.ts';
import { type InitOptions, ways } from './options.ts';

/** What the set-up knows so far; a step that has not been done leaves its answers out. It holds no secret. */
export interface Answers {
  /** Spacelift's own domain. */
  readonly domain?: string | undefined;
  /** The host that Slack calls: the domain itself, or that of a relay before a private Spacelift. */
  readonly webhookDomain?: string | undefined;
  /** Whether Slack reaches it by Socket Mode, through a relay inside the network. */
  readonly socketMode?: boolean | undefined;
  /** How the app comes into being. */
  readonly by?: (typeof ways)[number] | undefined;
  /** The form that the deployment takes. */
  readonly form?: string | undefined;
  /** The env file that keeps the credentials. */
  readonly envFile?: string | undefined;
  /** The file with the form, where that is not the env file itself. */
  readonly out?: string | undefined;
  /** The app that the set-up has created. */
  readonly appId?: string | undefined;
  /** Whether the credentials are in the env file, and were checked. */
  readonly stored?: boolean | undefined;
  /** Whether the form has been written, and the way to put it into effect been shown. */
  readonly handedOver?: boolean | undefined;
  /** Whether doctor has found nothing. */
  readonly examined?: boolean | undefined;
}

/** The answers of the last run in this folder, or none where there was no run or its notes make no sense any more. */
export async function loadProgress(context: Context): Promise<Answers> {
  try {
    return readAnswers(JSON.parse(await readFile(progressFile(context), 'utf8')));
  } catch {
    return {};
  }
}

/** Keeps the answers for the next run in this folder, in one step. The set-up goes on where they cannot be kept. */
export async function saveProgress(answers: Answers, context: Context): Promise<void> {
  const file = progressFile(context);
  try {
    await makeFolder(dirname(file), 0o700);
    await writeAtomically(file, `${JSON.stringify(answers, null, 2)}\n`, 0o600);
  } catch {
    context.terminal.detail(`the answers could not be kept in ${file}`);
  }
}

/**
 * The answers without those that the options contradict. Another domain is another set-up, which wants to know of the app. What has an effect is
 * looked at anew where nobody can be asked: a pipeline may start without the files of the last run.
 */
export function reconcile(answers: Answers, flags: InitOptions, { terminal }: Context): Answers {
  if (flags.domain !== undefined && flags.domain !== answers.domain) return { appId: answers.appId };
  const { webhookDomain, by, form, envFile, out } = answers;
  const differs = (given: string | undefined, kept: string | undefined) =>
    given !== undefined && given !== kept;
  const isRouted =
    differs(flags.webhookDomain, webhookDomain) ||
    differs(flags.public && answers.domain, webhookDomain) ||
    (flags.socketMode !== undefined && answers.socketMode !== true) ||
    ((flags.public !== undefined || flags.webhookDomain !== undefined) && answers.socketMode === true);
  const isMoved = differs(flags.form, form) || differs(flags.write, envFile) || differs(flags.out, out);
  return {
    ...answers,
    ...(isRouted ? { webhookDomain: undefined } : {}),
    ...(differs(flags.by, by) ? { by: flags.by } : {}),
    ...(isMoved ? { form: undefined, handedOver: false } : {}),
    ...(flags.doctor ? { examined: false } : {}),
    ...(terminal.interactive ? {} : { stored: false, handedOver: false, examined: false }),
  };
}

function progressFile({ env, cwd }: Context): string {
  const folder = createHash('sha256').update(cwd).digest('hex').slice(0, 16);
  return join(stateFolder(env), `init-${folder}.json`);
}

/** Takes over what is well-formed; a step whose answer is not is asked again. */
function readAnswers(saved: unknown): Answers {
  if (typeof saved !== 'object' || saved === null) return {};
  const fields = new Map<string, unknown>(Object.entries(saved));
  const text = (key: string) => {
    const value = fields.get(key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const domain = (key: string) => {
    const parsed = parseDomain(text(key) ?? '');
    return parsed.ok ? parsed.domain : undefined;
  };
  const file = (key: string) => {
    const name = text(key);
    return name === undefined || fileNameProblem(name) ? undefined : name;
  };
  const form = text('form');
  return {
    domain: domain('domain'),
    webhookDomain: domain('webhookDomain'),
    socketMode: fields.get('socketMode') === true,
    by: ways.find((way) => way === text('by')),
    form: forms.some(({ name }) => name === form) ? form : undefined,
    envFile: file('envFile'),
    out: file('out'),
    appId: text('appId'),
    stored: fields.get('stored') === true,
    handedOver: fields.get('handedOver') === true,
    examined: fields.get('examined') === true,
  };
}
