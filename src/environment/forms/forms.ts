import { awsSecret, terraformEcs } from './aws.ts';
import { cloudformation } from './cloudformation.ts';
import { compose } from './compose.ts';
import { docker } from './docker.ts';
import { dotenv } from './dotenv.ts';
import type { Form } from './form.ts';
import { json } from './json.ts';
import { kubernetes, kubernetesPatch } from './kubernetes.ts';
import { shell } from './shell.ts';
import { systemd } from './systemd.ts';

/** Every form there is; a new one is a file and a line here. */
export const forms: readonly Form[] = [
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
