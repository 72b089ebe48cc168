import { awsSecret, terraformEcs } from './aws.ts';
import { cloudformation } from './cloudformation.ts';
import { compose } from './compose.ts';
import { docker } from './docker.ts';
import { dotenv } from './dotenv.ts';
import type { DeploymentFormat } from './format.ts';
import { json } from './json.ts';
import { kubernetes, kubernetesPatch } from './kubernetes.ts';
import { shell } from './shell.ts';
import { systemd } from './systemd.ts';

/** All formats: a new one is a file and a line here. */
export const deploymentFormats: readonly DeploymentFormat[] = [
  dotenv,
  shell,
  docker,
  json,
  systemd,
  compose,
  kubernetes,
  kubernetesPatch,
  terraformEcs,
  awsSecret,
  cloudformation,
];

/** The format with this name, which the caller has checked. */
export function formatNamed(name: string): DeploymentFormat {
  const format = deploymentFormats.find((candidate) => candidate.name === name);
  if (!format) throw new TypeError(`there is no format ${name}`);
  return format;
}
