import { credentialVariables, variablesOf } from '../credentials.ts';
import type { Form } from './form.ts';

/** The name that Spacelift's own migration kit gives to this secret. */
const secretId = 'spacelift/slack-application';

const putValue = (file: string) =>
  `aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string file://${file}`;

/** ECS reads a secret when a task starts, so each service needs new tasks. */
const redeploy = [
  '# The cluster is named spacelift-<your unique_suffix>:',
  ...['server', 'drain', 'scheduler'].map(
    (service) =>
      `aws ecs update-service --cluster spacelift-SUFFIX --service ${service} --force-new-deployment`,
  ),
];

export const terraformEcs: Form = {
  name: 'terraform-ecs',
  summary: 'Terraform for the ECS module; it holds no values',
  holdsValues: false,
  render: () => `# The values are not in this file, nor in the state: put them into the secret with
# spacelift-slack env --format aws-secret
resource "aws_secretsmanager_secret" "slack_credentials" {
  name        = "${secretId}"
  description = "Credentials of the Slack app for Spacelift"

  # With a key of your own, the execution role must be able to decrypt it:
  # kms_key_id = module.spacelift.kms_key_arn
}

# Append these to what the module spacelift-services gets already; do not replace it:
#   sensitive_env_vars          = concat([...], local.slack_sensitive_env_vars)
#   secrets_manager_secret_arns = concat([...], local.slack_secret_arns)
# ECS rejects a name that is in additional_env_vars as well.
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
    '# Tasks do not start while the secret has no value, so it comes first:',
    'terraform apply -target=aws_secretsmanager_secret.slack_credentials',
    'spacelift-slack env --format aws-secret --out slack-secret.json',
    putValue('slack-secret.json'),
    'rm slack-secret.json',
    '# Append the two lists as the comments in the file say. This restarts the server, drain and scheduler:',
    'terraform apply',
  ],
};

export const awsSecret: Form = {
  name: 'aws-secret',
  summary: 'the value of the secret in AWS Secrets Manager',
  holdsValues: true,
  render: (credentials) => `${JSON.stringify(variablesOf(credentials), null, 2)}\n`,
  takeEffect: (file) => [putValue(file), `rm ${file}`, ...redeploy],
};
