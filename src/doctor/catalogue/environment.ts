import type { CheckGroup } from './entry.ts';

export const environment = {
  group: 'environment',
  about:
    'These check only the values and files on this machine. For each of the three variables, the report names where its value comes from, and whether the env file holds a different one. A value that certainly belongs to another variable fails env.mix-up alone; the checks that need it are skipped. To check only what Slack sees, pass --skip environment.',
  checks: [
    {
      id: 'env.client-id',
      title: 'SLACK_APP_CLIENT_ID is set',
      proves:
        'SLACK_APP_CLIENT_ID is set in the environment or in the env file, and looks like a Client ID: two numbers with a dot between them. An unusual shape only warns, since Slack does not promise one.',
      causes: [
        'The variable is in neither the environment nor the env file (.env unless --env-file names another).',
        'It is set under another name, such as SLACK_CLIENT_ID; env.mix-up reports it.',
        'It holds another value, such as the App ID.',
      ],
      advice: 'Copy the Client ID from Basic Information > App Credentials of the app.',
      run: ['spacelift-slack doctor --only env'],
    },
    {
      id: 'env.client-secret',
      title: 'SLACK_APP_CLIENT_SECRET is set',
      proves:
        'SLACK_APP_CLIENT_SECRET is set in the environment or in the env file, and looks like a Client Secret. An unusual shape only warns.',
      causes: [
        'The variable is in neither the environment nor the env file.',
        'It is set under another name, such as SLACK_CLIENT_SECRET; env.mix-up reports it.',
        'It holds only a part of the secret.',
      ],
      advice: 'Copy the Client Secret from Basic Information > App Credentials of the app.',
      run: ['spacelift-slack doctor --only env,slack.credentials'],
    },
    {
      id: 'env.signing-secret',
      title: 'SLACK_SECRET is set',
      proves:
        'SLACK_SECRET is set in the environment or in the env file, and looks like a Signing Secret, which is what Spacelift expects in it. Without it doctor cannot sign, so the checks that need a signature are skipped.',
      causes: [
        'The variable is in neither the environment nor the env file.',
        'It is set under another name, such as SLACK_SIGNING_SECRET; env.mix-up reports it.',
        'It holds another value, such as the Verification Token.',
      ],
      advice: 'Copy the Signing Secret from Basic Information > App Credentials of the app.',
      run: ['spacelift-slack doctor --only env,signature'],
    },
    {
      id: 'env.mix-up',
      title: 'each value is in the variable that it belongs in',
      proves:
        'No value belongs in another variable, none was damaged when it was copied, and none is set under a name that Spacelift does not read.',
      causes: [
        'A variable with a similar name is set instead, such as SLACK_SIGNING_SECRET for SLACK_SECRET.',
        'Both secrets hold the same value.',
        'A token (xoxb-, xapp-, xoxe) or an App ID is where a secret or the Client ID belongs.',
        'Quotes, blanks, line breaks or invisible characters were copied along.',
        'A spreadsheet or a YAML reader took the Client ID for a number and cut its last digits.',
        'A placeholder was never replaced.',
      ],
      advice:
        'Copy the value again from Basic Information > App Credentials, and set it under the name that the report gives.',
      run: ['spacelift-slack doctor --only env', 'spacelift-slack env'],
    },
    {
      id: 'env.file-mode',
      title: 'no other user of this machine can read the env file',
      proves: 'Only its owner can read the env file that a secret came from. It warns, and never fails.',
      causes: ['The file was created with the usual permissions, which let everyone read it.'],
      advice: 'Take the permission to read from group and others.',
      run: ['chmod 600 .env'],
    },
    {
      id: 'env.file-tracked',
      title: 'the env file stays out of git',
      proves: 'git neither tracks the env file nor would add it. It warns, and never fails.',
      causes: ['No .gitignore covers the file.', 'The file was committed.'],
      advice:
        'Add the file to .gitignore. If it was committed, remove it from the index and replace every secret that was pushed.',
      run: ['git rm --cached .env'],
    },
  ],
} as const satisfies CheckGroup;
