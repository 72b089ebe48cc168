import { credentialVariables, variablesOf } from '../credentials.ts';
import type { DeploymentFormat } from './format.ts';
import { shellWord } from './shell-quote.ts';

/** The name of this secret in Spacelift's own migration kit. */
const secretId = 'spacelift/slack-application';

const putValue = (file: string) =>
  `aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string file://${shellWord(file)}`;

/** ECS reads a secret when a task starts, so each service needs new tasks. */
const redeploy = [
  '# The cluster is named spacelift-<your unique_suffix>:',
  ...['server', 'drain', 'scheduler'].map(
    (service) =>
      `aws ecs update-service --cluster spacelift-SUFFIX --service ${service} --force-new-deployment`,
  ),
];

export const terraformEcs: DeploymentFormat = {
  name: 'terraform-ecs',
  summary: 'Terraform for the ECS module, without values',
  remarks:
    'For the module `terraform-aws-ecs-spacelift-selfhosted`: the secret in Secrets Manager, and the entries to append to `sensitive_env_vars` and `secrets_manager_secret_arns`.',
  holdsValues: false,
  render: () => `# Neither this file nor the state contains the values. Set them in the secret with
# spacelift-slack env --format aws-secret
resource "aws_secretsmanager_secret" "slack_credentials" {
  name        = "${secretId}"
  description = "Credentials of the Slack app for Spacelift"

  # If you use your own key, the execution role must be able to decrypt with it:
  # kms_key_id = module.spacelift.kms_key_arn
}

# Append these to the values that the module spacelift-services already gets; do not replace those:
#   sensitive_env_vars          = concat([...], local.slack_sensitive_env_vars)
#   secrets_manager_secret_arns = concat([...], local.slack_secret_arns)
# ECS rejects a name that is also in additional_env_vars.
locals {
  slack_sensitive_env_vars = [
${Object.values(credentialVariables)
  .map(
    (name) => `    {
      name      = "${name}"
      valueFrom = "\${aws_secretsmanager_secret.slack_credentials.arn}:${name}::"
    },
`,
  )
  .join('')}  ]

  slack_secret_arns = [aws_secretsmanager_secret.slack_credentials.arn]
}
`,
  takeEffect: () => [
    '# Tasks do not start while the secret has no value, so set it first:',
    'terraform apply -target=aws_secretsmanager_secret.slack_credentials',
    'spacelift-slack env --format aws-secret --out slack-secret.json',
    putValue('slack-secret.json'),
    'rm slack-secret.json',
    '# Append the two lists as the comments in the file describe. This restarts the server, drain and scheduler:',
    'terraform apply',
  ],
};

export const awsSecret: DeploymentFormat = {
  name: 'aws-secret',
  summary: 'the value of the secret in AWS Secrets Manager',
  remarks: 'For `aws secretsmanager put-secret-value --secret-string file://…`.',
  holdsValues: true,
  render: (credentials) => `${JSON.stringify(variablesOf(credentials), null, 2)}\n`,
  takeEffect: (file) => [putValue(file), `rm ${shellWord(file)}`, ...redeploy],
};
