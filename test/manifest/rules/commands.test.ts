import { describe } from 'vitest';
import { commandRules } from '../../../src/manifest/rules/commands.ts';
import { command, itReports, itShowsEvery, type Row, scopes, set } from '../mutation.ts';

const otherCommand = { command: '/example', description: 'x', url: 'https://a.example.com/' };

const rows: readonly Row[] = [
  [
    'a command with a space',
    set(`${command}/command`, '/space lift'),
    [`warning command-characters ${command}/command`],
  ],
  [
    'a command with a capital letter',
    set(`${command}/command`, '/Spacelift'),
    [`warning command-characters ${command}/command`],
  ],
  [
    'a command with a second slash',
    set(`${command}/command`, '/space/lift'),
    [`warning command-characters ${command}/command`],
  ],
  ...['/me', '/status'].map(
    (name) =>
      [
        `the command ${name}`,
        set(`${command}/command`, name),
        [`error command-reserved ${command}/command`],
      ] as const,
  ),
  ...['/remind', '/pro'].map(
    (name) =>
      [
        `the command ${name}`,
        set(`${command}/command`, name),
        [`warning command-reserved ${command}/command`],
      ] as const,
  ),
  [
    'a command that is declared twice',
    set('/features/slash_commands/-', otherCommand),
    ['error command-repeated /features/slash_commands/1/command'],
  ],
  [
    'a command without a URL',
    set(command, { command: '/a', description: 'x' }),
    [`warning command-needs-url ${command}`],
  ],
  [
    'a command without the scope commands',
    set(`${scopes}/bot`, ['chat:write']),
    ['error command-needs-scope /features/slash_commands'],
  ],
];

describe('the rules for slash commands', () => {
  itReports(rows);
  itShowsEvery(commandRules, rows);
});
