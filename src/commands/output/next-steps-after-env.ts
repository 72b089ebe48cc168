import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../../cli/context.ts';
import { parseDomain } from '../../domain.ts';
import {
  type Credentials,
  completeCredentials,
  readCredentials,
  variablesOf,
} from '../../environment/credentials.ts';
import type { Deployment, DeploymentFormat } from '../../environment/formats/format.ts';
import type { Settings } from '../../environment/settings.ts';
import { rememberedProject } from '../options/domain.ts';
import { type KnownDeployment, overridingVariables } from './command-lines.ts';
import { nextSteps } from './next-steps.ts';

/** What `env` has written. */
export interface Written {
  readonly format: DeploymentFormat;
  /** Undefined for stdout. */
  readonly file: string | undefined;
  readonly deployment: Deployment;
  /** Undefined if the format holds no values. */
  readonly credentials: Credentials | undefined;
}

/**
 * What is left to do after `env`.
 *
 * @param envFile the file of --env-file
 */
export async function nextStepsAfterEnv(
  { format, file, deployment, credentials }: Written,
  envFile: string | undefined,
  context: Context,
): Promise<string[]> {
  const settings = await context.settings(envFile);
  const found = completeCredentials(readCredentials(settings));
  const isEnvFile = format.name === 'dotenv' && file !== undefined && credentials !== undefined;
  const isFound = found !== undefined && (credentials === undefined || isDeepStrictEqual(found, credentials));
  return nextSteps(
    { ...readKnown(settings), envFile: isEnvFile ? file : envFile },
    {
      variables: { format, file, deployment },
      relay: true,
      overriding: isEnvFile ? overridingVariables(context.env, { ...variablesOf(credentials) }) : [],
      doctor: isEnvFile || isFound ? 'stored' : 'not-stored',
      verification: true,
      installation: 'first',
    },
  );
}

/**
 * What is left to do after `env --for relay`.
 *
 * @param file the relay's file; undefined for stdout
 */
export async function nextStepsAfterRelayFile(
  file: string | undefined,
  envFile: string | undefined,
  context: Context,
): Promise<string[]> {
  const settings = await context.settings(envFile);
  const { clientId, clientSecret } = readCredentials(settings);
  const known = {
    ...readKnown(settings),
    way: 'socket-mode' as const,
    envFile,
    relayFile: file ?? 'FILE',
    hasRelayFileOnly: !clientId || !clientSecret,
  };
  return nextSteps(known, { relay: true, doctor: 'stored' });
}

function readKnown(settings: Settings): KnownDeployment {
  const read = (name: 'SPACELIFT_DOMAIN' | 'SPACELIFT_WEBHOOK_DOMAIN') => {
    const parsed = parseDomain(settings.get(name)?.value ?? '');
    return parsed.ok ? parsed.domain : undefined;
  };
  const [domain, webhookDomain] = [read('SPACELIFT_DOMAIN'), read('SPACELIFT_WEBHOOK_DOMAIN')];
  const appId = settings.get('SLACK_APP_ID')?.value;
  return {
    domain,
    webhookDomain,
    way: rememberedProject(domain, settings)?.way,
    appId: appId !== undefined && /^A[A-Z0-9]{5,}$/.test(appId) ? appId : undefined,
  };
}
