import { choose } from '../../terminal/prompt.ts';
import type { StepInput, StepResult } from './step.ts';

/** The step that finds out how the app is created. */
export async function askCreation({ answers, flags, context, again }: StepInput): Promise<StepResult> {
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
