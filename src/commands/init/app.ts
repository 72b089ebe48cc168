import { resolve } from 'node:path';
import { completeCredentials, credentialParts, readCredentials } from '../../environment/credentials.ts';
import { storeCredentials } from '../../environment/env-file.ts';
import { withSecrets } from '../../environment/secrets-input.ts';
import { noSettings, type Settings } from '../../environment/settings.ts';
import { confirm } from '../../terminal/prompt.ts';
import { UserError } from '../../user-error.ts';
import { checkedCredentials } from '../options/credentials.ts';
import { reportSecretFile } from '../output/secret-file-report.ts';
import { acceptedCredentials } from './accepted-credentials.ts';
import { createByLink } from './by-link.ts';
import { createByToken } from './by-token.ts';
import { rememberedApp } from './remembered.ts';
import type { StepInput, StepResult } from './step.ts';
import { credentialsIn, envFileOf } from './stored-credentials.ts';

/**
 * The step that puts checked credentials into the env file: those in it already, those of a new app, or those that a
 * person copies from Slack.
 */
export async function obtainCredentials(input: StepInput): Promise<StepResult> {
  const { answers, flags, context } = input;
  const { terminal, cwd } = context;
  const name = envFileOf(answers);
  const kept = await credentialsIn(name, context);
  const given = await givenSettings(input);
  const others = readCredentials(given);
  const differs = credentialParts.some((part) => kept[part] && others[part] && kept[part] !== others[part]);
  if (differs && !terminal.interactive) throw otherCredentials(name);
  const complete = completeCredentials(kept);
  if (complete) {
    const credentials = checkedCredentials(complete, terminal);
    const which = differs ? ', which differ from the given ones' : '';
    const question = `${name} holds the credentials of an app (client id ${credentials.clientId})${which}. Use them?`;
    if (!terminal.interactive || (await confirm(terminal, question, '--no-input', !differs))) {
      const accepted = await acceptedCredentials(credentials, flags, context);
      if (accepted !== credentials) {
        const file = { name, path: resolve(cwd, name) };
        await reportSecretFile(file, await storeCredentials(file, accepted), true, context);
      }
      const app = answers.appId === undefined ? await rememberedApp(answers, context) : {};
      return { answers: { ...answers, ...app, stored: true } };
    }
  }
  const replace = complete !== undefined;
  return answers.by === 'link' ? createByLink(input, given, kept, replace) : createByToken(input, replace);
}

/** The settings of `--secrets-stdin` and the environment; none if the step runs again. */
async function givenSettings({ context, piped, again }: StepInput): Promise<Settings> {
  return again ? noSettings : withSecrets(piped, await context.settings(false));
}

function otherCredentials(name: string): UserError {
  return new UserError('credentials-in-place', `${name} holds credentials that differ from the given ones`, {
    hint: `Remove the given ones to use those in ${name}, or name another file with --write.`,
    exitCode: 2,
  });
}
