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

/** The form of a name that has been checked already. */
export function formNamed(name: string): Form {
  const form = forms.find((candidate) => candidate.name === name);
  if (!form) throw new TypeError(`there is no form ${name}`);
  return form;
}
