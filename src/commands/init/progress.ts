import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Context } from '../../cli/context.ts';
import { parseDomain } from '../../domain.ts';
import { deploymentFormats } from '../../environment/formats/formats.ts';
import { writeAtomically } from '../../files/atomic-file.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { stateFolder } from '../../files/state-folder.ts';
import { fileNameProblem } from '../options/file-name.ts';
import { knownWays, type Way } from '../output/command-lines.ts';
import { type InitOptions, ways } from './options.ts';

/** The answers so far; a step that is not done has none. They hold no secret. */
export interface Answers {
  /** Spacelift's own domain. */
  readonly domain?: string | undefined;
  /** The host that Slack calls: the domain itself, or that of a relay in front of a private Spacelift. */
  readonly webhookDomain?: string | undefined;
  /** How Slack reaches it; undefined if an option gave a webhook domain, which may be a path rule or a relay. */
  readonly way?: Way | undefined;
  /** How the app is created. */
  readonly by?: (typeof ways)[number] | undefined;
  /** The format of the deployment. */
  readonly form?: string | undefined;
  /** The env file that keeps the credentials. */
  readonly envFile?: string | undefined;
  /** The file in that format, if it is not the env file. */
  readonly out?: string | undefined;
  /** The app that the set-up has created. */
  readonly appId?: string | undefined;
  /** The hosts that the app was created for, as {@link describeHosts}. */
  readonly appHosts?: string | undefined;
  /** Whether the credentials are in the env file, and were checked. */
  readonly stored?: boolean | undefined;
  /** Whether the file has been written, and the next steps printed. */
  readonly handedOver?: boolean | undefined;
  /** Whether doctor has passed. */
  readonly examined?: boolean | undefined;
}

/** The hosts of the answers, in a few words. */
export function describeHosts({ domain = '', webhookDomain = domain, way }: Answers): string {
  if (way === 'socket-mode') return `${domain} with Socket Mode`;
  return webhookDomain === domain ? domain : `${domain} with ${webhookDomain}`;
}

/** The answers of the last run in this folder; none if there are none or they cannot be read. */
export async function loadProgress(context: Context): Promise<Answers> {
  try {
    return readAnswers(JSON.parse(await readFile(progressFile(context), 'utf8')));
  } catch {
    return {};
  }
}

/**
 * Stores the answers for the next run in this folder, atomically.
 *
 * @returns why they could not be stored, which ends no set-up
 */
export async function saveProgress(answers: Answers, context: Context): Promise<string | undefined> {
  const file = progressFile(context);
  try {
    await makeFolder(dirname(file), 0o700);
    await writeAtomically(file, `${JSON.stringify(answers, null, 2)}\n`, 0o600);
    return undefined;
  } catch {
    return `could not store the answers in ${file}: the next init starts over`;
  }
}

/**
 * The answers without those that the options contradict. Another domain starts another set-up, which keeps the app id.
 * Without a terminal, steps with an effect are repeated: a pipeline may start without the files of the last run.
 */
export function reconcile(answers: Answers, flags: InitOptions, { terminal }: Context): Answers {
  if (flags.domain !== undefined && flags.domain !== answers.domain) {
    return { appId: answers.appId, appHosts: answers.appHosts, envFile: answers.envFile };
  }
  const { webhookDomain, by, form, envFile, out } = answers;
  const differs = (given: string | undefined, kept: string | undefined) =>
    given !== undefined && given !== kept;
  const isRouted =
    differs(flags.webhookDomain, webhookDomain) ||
    differs(flags.public && answers.domain, webhookDomain) ||
    (flags.socketMode !== undefined && answers.way !== 'socket-mode') ||
    ((flags.public !== undefined || flags.webhookDomain !== undefined) && answers.way === 'socket-mode');
  const isMoved = differs(flags.form, form) || differs(flags.write, envFile) || differs(flags.out, out);
  return {
    ...answers,
    ...(isRouted ? { webhookDomain: undefined } : {}),
    ...(differs(flags.by, by) ? { by: undefined } : {}),
    ...(isMoved ? { form: undefined, handedOver: false } : {}),
    ...(flags.doctor ? { examined: false } : {}),
    ...(terminal.interactive ? {} : { stored: false, handedOver: false, examined: false }),
  };
}

function progressFile({ env, cwd }: Context): string {
  const folder = createHash('sha256').update(cwd).digest('hex').slice(0, 16);
  return join(stateFolder(env), `init-${folder}.json`);
}

/** Reads the well-formed answers; the steps of the others are repeated. */
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
    way: knownWays.find((way) => way === text('way')),
    by: ways.find((way) => way === text('by')),
    form: deploymentFormats.some(({ name }) => name === form) ? form : undefined,
    envFile: file('envFile'),
    out: file('out'),
    appId: text('appId'),
    appHosts: text('appHosts'),
    stored: fields.get('stored') === true,
    handedOver: fields.get('handedOver') === true,
    examined: fields.get('examined') === true,
  };
}
