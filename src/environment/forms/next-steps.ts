import type { Deployment, Form } from './form.ts';
import { shellQuote } from './shell-quote.ts';

/**
 * What is left to do once the variables are written, as lines that can be pasted into a shell.
 *
 * @param file where they were written; without one, they went to stdout
 */
export function nextSteps(form: Form, file: string | undefined, deployment: Deployment): string[] {
  const word = file === undefined || /^[\w./@%+,:=-]+$/.test(file) ? (file ?? 'FILE') : shellQuote(file);
  return [
    '# To make it take effect:',
    ...form.takeEffect(word, deployment),
    '# Then an admin of Spacelift presses Connect under Integrations > Slack, or nothing is installed in the workspace.',
  ];
}
