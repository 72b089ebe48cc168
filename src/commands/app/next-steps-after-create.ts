import { variablesOf } from '../../environment/credentials.ts';
import { usualDeployment } from '../../environment/formats/format.ts';
import { formatNamed } from '../../environment/formats/formats.ts';
import type { RenderOptions } from '../../manifest/render.ts';
import type { CreatedApp } from '../../slack/api/app-manifest-api.ts';
import { overridingVariables } from '../output/command-lines.ts';
import { nextSteps } from '../output/next-steps.ts';

/** What `app create` has done. */
export interface Creation {
  readonly app: CreatedApp;
  /** The env file with the credentials; undefined if they were printed. */
  readonly file: string | undefined;
  readonly hosts: Pick<RenderOptions, 'domain' | 'webhookDomain' | 'socketMode'>;
  /** Slack's origin. */
  readonly slackUrl: string;
}

/**
 * What is left to do after `app create`.
 *
 * @param slackApiUrl what was passed with --slack-api-url
 * @param env the process environment
 */
export function nextStepsAfterCreate(
  { app, file, hosts, slackUrl }: Creation,
  slackApiUrl: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const { domain, webhookDomain, socketMode } = hosts;
  const way = socketMode ? ('socket-mode' as const) : undefined;
  return nextSteps(
    { domain, webhookDomain, way, appId: app.appId, slackUrl, slackApiUrl, envFile: file },
    {
      variables: {
        format: formatNamed(file === undefined ? 'json' : 'dotenv'),
        file,
        deployment: usualDeployment,
      },
      relay: true,
      overriding: file === undefined ? [] : overridingVariables(env, { ...variablesOf(app.credentials) }),
      doctor: file === undefined ? 'not-stored' : 'stored',
      verification: true,
      installation: 'first',
    },
  );
}
