import type { Deployment, DeploymentFormat } from './format.ts';
import { shellQuote } from './shell-quote.ts';

/**
 * What is left to do after the variables were written, as lines that can be pasted into a shell.
 *
 * @param file the file that was written; undefined for stdout
 */
export function nextSteps(
  format: DeploymentFormat,
  file: string | undefined,
  deployment: Deployment,
): string[] {
  const word = file === undefined || /^[\w./@%+,:=-]+$/.test(file) ? (file ?? 'FILE') : shellQuote(file);
  return [
    '# Next steps:',
    ...format.takeEffect(word, deployment),
    '# Then have a Spacelift admin press Connect under Integrations > Slack: only this installs the app in the workspace.',
  ];
}
