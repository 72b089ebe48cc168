import { envFileVariables } from '../environment/variables.ts';
import { ExitCode } from '../exit-code.ts';

/** Rows of a table: what a person meets, and what it means. */
export type Rows = readonly (readonly [name: string, meaning: string])[];

const meanings: Readonly<Record<keyof typeof ExitCode, string>> = {
  done: 'done; for a check, nothing failed',
  found: 'a check ran and found something: an invalid manifest, drift, a failed check',
  usage: 'wrong use: an unknown option, a bad domain, missing or malformed input',
  failed: 'it could not be done or not be finished: a file, the network, or Slack refused',
  interrupted: 'interrupted, by Ctrl-C (SIGINT)',
  terminated: 'terminated (SIGTERM)',
};

export const exitCodes: Rows = keysOf(meanings).map((name) => [String(ExitCode[name]), meanings[name]]);

/** Variables that an env file may set as well as the process environment. */
export const settings: Rows = Object.entries(envFileVariables).map(([name, meaning]) => [
  name,
  meaning.replace(/--\S+/, '`$&`'),
]);

export const precedence = 'An option comes before the process environment, and that before the env file.';

export const processOnly = 'These count in the process environment alone: an env file cannot set them.';

/** Variables of this program, and of the system, that count in the process environment alone. */
export const processVariables: Rows = [
  ['SLACK_API_URL', 'in place of `--slack-api-url`'],
  [
    'HTTPS_PROXY, NO_PROXY',
    'the proxy for requests to Slack, and the hosts that need none; also in lower case',
  ],
  ['PGUSER, PGPASSWORD, PGDATABASE', 'what the URL of a PostgreSQL store leaves out'],
  ['XDG_STATE_HOME, HOME', 'where the state folder is'],
  ['CI', 'if set, `env` prints no secrets to a log without `--reveal`'],
  ['GITHUB_ACTIONS', 'if set, secrets that are printed are masked in the log'],
  ['GITHUB_STEP_SUMMARY', 'the file to which `doctor --format github` adds its report'],
];

export const colourVariables: Rows = [
  ['NO_COLOR', 'if set and not empty, no colours; wins over `FORCE_COLOR`, and `--no-color` over both'],
  ['FORCE_COLOR', 'colours in a pipe too; `0` or `false` for none'],
  ['TERM', '`dumb`: no colours, no progress; `linux`: ASCII marks'],
  ['LC_ALL, LC_CTYPE, LANG', 'ASCII marks, if the first that is set does not name UTF-8'],
];

export const stateFolder =
  '`<state>` is `$XDG_STATE_HOME/spacelift-slack`, else `~/.local/state/spacelift-slack`.';

/** The files that the program reads or writes without being given their names. */
export const files: Rows = [
  ['.env', 'the env file, in the current folder, unless `--env-file` names another; written with mode 0600'],
  ['.spacelift-slack.json', 'what `init` remembers of the folder, without secrets: see docs/init.md'],
  ['.env.lock', 'while `env --write` merges; removed afterwards'],
  ['<state>/init-<hash>.json', 'the steps of `init` for one folder, without secrets'],
  [
    '<state>/configuration-tokens.json',
    'the configuration token and its refresh token, unless `--token-store` names another file',
  ],
  ['<state>/rescued-<id>-…', 'credentials that could not be stored where they belong'],
  ['<state>/serve.db', 'the store of `serve`, unless `--store` or `DATABASE_URL` names another'],
  ['<state>/serve.db.key', 'the key of that store, unless `SPACELIFT_SLACK_ENCRYPTION_KEY` is set'],
];

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): readonly Key[] {
  return Object.keys(record).filter((key): key is Key => Object.hasOwn(record, key));
}
