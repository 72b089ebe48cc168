import { appTokenVariable } from '../../environment/app-token.ts';
import { type Credentials, variablesOf } from '../../environment/credentials.ts';
import { usualDeployment } from '../../environment/formats/format.ts';
import { formatNamed } from '../../environment/formats/formats.ts';
import { readEnvFile } from '../../environment/settings.ts';
import { connectToSlack } from '../options/slack-api-url.ts';
import { overridingVariables } from '../output/command-lines.ts';
import { nextSteps } from '../output/next-steps.ts';
import { writeResult } from '../output/result-file.ts';
import { knownDeployment } from './known.ts';
import { mayOverwrite } from './overwrite.ts';
import { describeHosts } from './progress.ts';
import { rememberProject } from './remembered.ts';
import { obtainAppToken, relayFile, relayFileContent } from './socket-token.ts';
import type { StepInput, StepResult } from './step.ts';
import { storedCredentials } from './stored-credentials.ts';

/** The step that writes the files of the deployment and the relay, and prints what is left to do. */
export async function handOver(input: StepInput): Promise<StepResult> {
  const { answers, flags, context } = input;
  const { terminal, env } = context;
  const { out, envFile = '.env', way, appHosts } = answers;
  const format = formatNamed(answers.form ?? 'dotenv');
  const file = out ?? envFile;
  const credentials = await storedCredentials(answers, context);
  if (out !== undefined) {
    const force = flags.force ?? (await mayOverwrite(out, context));
    await writeResult(format.render(credentials, usualDeployment), { file: out, force }, context, {
      readers: format.holdsValues ? 'owner' : 'everybody',
    });
  }
  if (way === 'socket-mode') await writeRelayFile(credentials, input);
  const steps = nextSteps(knownDeployment(answers, flags, context), {
    update:
      appHosts === undefined || appHosts === describeHosts(answers)
        ? undefined
        : { from: appHosts, org: flags.org ?? false },
    variables: { format, file, deployment: usualDeployment },
    relay: true,
    overriding: overridingVariables(env, { ...variablesOf(credentials) }),
    doctor: 'stored',
    verification: true,
    installation: 'first',
  });
  for (const line of steps) terminal.note(line);
  await rememberProject(answers, context);
  return { answers: { ...answers, handedOver: true } };
}

/** The file of the relay, with the app-level token that a person generates. */
async function writeRelayFile(
  { signingSecret }: Credentials,
  { answers, flags, context, piped, again }: StepInput,
): Promise<void> {
  const settings = await context.settings();
  const given = piped[appTokenVariable] ?? settings.get(appTokenVariable)?.value;
  const kept = (await readEnvFile(relayFile, false, context))[appTokenVariable];
  const appToken = await obtainAppToken({
    terminal: context.terminal,
    given: again ? undefined : (given ?? kept),
    signingSecret,
    appId: answers.appId,
    slack: await connectToSlack(flags.slackApiUrl, settings, context),
  });
  const content = relayFileContent(signingSecret, appToken);
  await writeResult(content, { file: relayFile, force: true }, context, { readers: 'owner' });
}
