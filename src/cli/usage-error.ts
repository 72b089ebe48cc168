import type { CommanderError, CommandUnknownOpts } from '@commander-js/extra-typings';
import { parseDomain } from '../domain.ts';
import { nearest } from '../text/nearest.ts';
import { UserError } from '../user-error.ts';

/**
 * Turns a usage error of commander into a UserError, with a hint at the option, command or value that was meant.
 *
 * @param program after parsing
 * @param args what was given to it
 */
export function wrongUse(
  error: CommanderError,
  program: CommandUnknownOpts,
  args: readonly string[],
): UserError {
  const path = reached(program);
  const command = path.at(-1) ?? program;
  const name = path.map((one) => one.name()).join(' ');
  const message = error.message.replace(/^error: /, '').replace(/\.$/, '');
  const [, quoted = ''] = /'([^']*)'/.exec(message) ?? [];
  const wrong = (code: string, what: string, hint = `See ${name} --help.`) =>
    new UserError(`usage-${code}`, what, { hint, exitCode: 2 });
  const wrongChoice = (target: string, value: string, choices: readonly string[]) => {
    const meant = meantValue(value, choices);
    const what = `${target}: expected one of ${choices.join(', ')}; got '${value}'`;
    return wrong('invalid-argument', what, meant && `Did you mean ${meant}?`);
  };
  const unknownCommand = (given: string, shown: string) =>
    wrong('unknown-command', `unknown command '${shown}'`, meantCommand(given, command));

  switch (error.code) {
    case 'commander.help': {
      const [topic] = args[0] === 'help' ? args.slice(1) : [];
      if (topic !== undefined) return unknownCommand(topic, topic);
      const hint = `See ${name} --help.`;
      return new UserError('command-missing', 'no command was given', { hint, exitCode: 2 });
    }
    case 'commander.unknownCommand':
      return unknownCommand(quoted, quoted);
    case 'commander.unknownOption': {
      const given = asTyped(quoted, args);
      const hint = meantOption(given, { command, name, program, args });
      return wrong('unknown-option', `unknown option '${given}'`, hint);
    }
    case 'commander.excessArguments': {
      const extra = command.args[command.registeredArguments.length] ?? '';
      const hint = meantArgument(extra, command);
      // A command that does something by itself takes a mistyped subcommand for an argument.
      if (command.commands.length > 0 && !hint) return unknownCommand(extra, `${command.name()} ${extra}`);
      return wrong('excess-arguments', `unexpected argument '${extra}'`, hint);
    }
    case 'commander.invalidArgument': {
      const { target, value, remark } = readInvalidArgument(message);
      const choices = /^Allowed choices are (.*)$/.exec(remark)?.[1];
      if (choices === undefined) return wrong('invalid-argument', `${target}: '${value}' is invalid`, remark);
      return wrongChoice(target, value, choices.split(', '));
    }
    case 'commander.missingArgument':
      return wrong('missing-argument', `<${quoted}> is required`);
    case 'commander.missingMandatoryOptionValue': {
      // commander looks at the options first, and this message would hide a mistyped argument.
      const choices = command.registeredArguments[0]?.argChoices;
      const [value] = command.args;
      if (choices && value !== undefined && !choices.includes(value) && !meantArgument(value, command)) {
        return wrongChoice(`<${command.registeredArguments[0]?.name()}>`, value, choices);
      }
      const hint = args.map((extra) => meantArgument(extra, command)).find(Boolean);
      return wrong('missing-mandatory-option-value', `${quoted} is required`, hint);
    }
    case 'commander.optionMissingArgument':
      return wrong('option-missing-argument', `${quoted} requires a value`);
    default:
      return wrong(
        kebabCase(error.code.replace('commander.', '')),
        message.replace(/option '([^' ]+)[^']*'/g, '$1'),
      );
  }
}

/** The program and the commands below it that were named, down to the one that objects. */
function reached(command: CommandUnknownOpts): CommandUnknownOpts[] {
  const next = command.commands.find((one) => one.name() === command.args[0]);
  return next ? [command, ...reached(next)] : [command];
}

/** Names that people try, and the command or option that does it. */
const otherNames: Readonly<Record<string, string>> = {
  check: 'doctor',
  create: 'app create',
  delete: 'app delete',
  diff: 'manifest diff, or app diff for the live app',
  event: 'serve events',
  events: 'serve events',
  export: 'app export',
  install: 'init',
  link: 'manifest --format url',
  list: 'serve events list',
  proxy: 'serve --upstream <url>',
  relay: 'serve --upstream <url>',
  render: 'manifest',
  retry: 'serve events retry',
  send: 'trigger',
  server: 'serve',
  setup: 'init',
  socket: 'serve --socket-mode',
  'socket-mode': 'serve --socket-mode',
  update: 'app update',
  validate: 'manifest validate',
  version: '--version',
};

function meantCommand(given: string, command: CommandUnknownOpts): string | undefined {
  const meant = nearest(
    given,
    command.commands.map((one) => one.name()),
  );
  if (meant) return `Did you mean ${meant}?`;
  const other = command.parent === null ? otherNames[given] : undefined;
  return other && `Did you mean ${other}?`;
}

interface Attempt {
  readonly command: CommandUnknownOpts;
  /** The command's name as it is typed. */
  readonly name: string;
  readonly program: CommandUnknownOpts;
  readonly args: readonly string[];
}

/** The option as it was typed: commander splits `-verbose` into `-v` and `-erbose`, and names the latter. */
function asTyped(option: string, args: readonly string[]): string {
  const isRest = (arg: string) => /^-\w/.test(arg) && arg.endsWith(option.slice(1));
  return args.includes(option) ? option : (args.find(isRest) ?? option);
}

/** Parses commander's message about an invalid value. */
function readInvalidArgument(message: string) {
  const [, option, value = '', argument, remark = ''] =
    /^(?:option '(?:-\w, )?(--[\w-]+)[^']*' argument|command-argument value) '(.*)' is invalid(?: for argument '([^']*)')?\. (.*)$/s.exec(
      message,
    ) ?? [];
  return {
    target: option ?? `<${argument}>`,
    value,
    remark: `${remark}${remark.startsWith('Allowed') ? '' : '.'}`,
  };
}

function meantOption(given: string, { command, name, program, args }: Attempt): string | undefined {
  const options = command.options.flatMap(({ long }) => long ?? []);
  if (given === '--json' && options.includes('--format')) return 'Pass --format json.';
  const meant = nearest(
    given.replace(/^-+/, ''),
    options.map((long) => long.slice(2)),
  );
  if (given.startsWith('--') && meant) return `Did you mean --${meant}?`;
  // Of -domain, -d is read as an option of its own; of -verbose, -v is one, and the rest is left.
  const long = args.map((arg) => `-${arg.split('=')[0]}`).find((arg) => options.includes(arg));
  if (!given.startsWith('--') && long) return `Did you mean ${long}?`;
  const later = args.slice(args.indexOf(given)).find((arg) => isCommand(arg, program));
  return command === program && later ? `Put it after the command: ${name} ${later} ${given}` : undefined;
}

function meantArgument(given: string, command: CommandUnknownOpts): string | undefined {
  const takes = (long: string) => command.options.some((option) => option.long === long);
  if (takes('--url') && /^https?:\/\//.test(given)) return `Pass it as --url ${given}`;
  const domain = parseDomain(given);
  if (takes('--domain') && domain.ok) return `Pass it as --domain ${given}`;
  if (takes('--url') && domain.ok) return `Pass it as --url https://${domain.domain}/webhooks/slack`;
  return undefined;
}

/** Other names of option values, as other tools use them. */
const otherValues: Readonly<Record<string, string>> = {
  env: 'dotenv',
  k8s: 'kubernetes',
  link: 'url',
  md: 'markdown',
  secret: 'kubernetes',
  sh: 'shell',
  command: 'slash-command',
  button: 'block-actions',
  challenge: 'url-verification',
  terraform: 'terraform-ecs',
  tf: 'terraform-ecs',
  yml: 'yaml',
};

function meantValue(given: string, choices: readonly string[]): string | undefined {
  const other = otherValues[given.toLowerCase()];
  if (other !== undefined && choices.includes(other)) return other;
  const begun = given.length > 1 ? choices.find((choice) => choice.startsWith(given)) : undefined;
  return begun ?? nearest(given, choices);
}

function isCommand(name: string, program: CommandUnknownOpts): boolean {
  return program.commands.some((command) => command.name() === name);
}

function kebabCase(camelCase: string): string {
  return camelCase.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
