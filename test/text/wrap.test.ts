import { describe, expect, it } from 'vitest';
import { wrapBehind, wrapText } from '../../src/text/wrap.ts';

const lines = (text: string, columns: number) => wrapText(text, columns).split('\n');

describe('wrapText', () => {
  it('leaves a text alone that fits', () => {
    expect(wrapText('one line\nanother', 20)).toBe('one line\nanother');
  });

  it('indents what follows a break to the text behind a label', () => {
    expect(lines('hint: Set it in the environment or in the env file.', 30)).toEqual([
      'hint: Set it in the',
      '      environment or in the',
      '      env file.',
    ]);
    expect(lines('  1. Restart the server, the drain and the scheduler.', 30)).toEqual([
      '  1. Restart the server, the',
      '     drain and the scheduler.',
    ]);
  });

  it('indents what follows a break to the last column of a row', () => {
    expect(lines('  pass  dns.resolves  the name has two addresses', 46)).toEqual([
      '  pass  dns.resolves  the name has two',
      '                      addresses',
    ]);
  });

  it('puts the last column below the row where the screen is narrow', () => {
    expect(lines('  pass  dns.resolves     the name has two addresses', 40)).toEqual([
      '  pass  dns.resolves',
      '        the name has two addresses',
    ]);
    expect(lines('  --webhook-domain <domain>  the public host for /webhooks/slack', 40)).toEqual([
      '  --webhook-domain <domain>',
      '      the public host for',
      '      /webhooks/slack',
    ]);
  });

  it('breaks no URL, no line of source and no command', () => {
    const url = 'https://api.slack.com/apps/A0123456789/event-subscriptions';
    expect(lines(`See ${url} for it`, 20)).toEqual(['See', url, 'for it']);
    const source = '  12 | "request_url": "https://spacelift.example.com/webhooks/slack"';
    expect(wrapText(source, 30)).toBe(source);
    const command = '  spacelift-slack doctor --domain spacelift.example.com --wait 5m';
    expect(wrapText(command, 30)).toBe(command);
    expect(lines(`Check it:  ${command.trim()}`, 30)).toEqual(['Check it:', `    ${command.trim()}`]);
  });

  it('counts no colour, and carries it over the break', () => {
    const red = '\u001b[31mred text that runs on\u001b[39m';
    expect(lines(`  - ${red}`, 16)).toEqual([
      '  - \u001b[31mred text\u001b[39m',
      '    \u001b[31mthat runs on\u001b[39m',
    ]);
  });

  it('counts a wide character as two columns', () => {
    expect(lines('日本語 日本語 日本語', 14)).toEqual(['日本語 日本語', '日本語']);
  });
});

describe('wrapBehind', () => {
  it('sets what follows a break below the beginning of the text', () => {
    expect(wrapBehind('Where does Spacelift run?', 2, 18)).toBe('Where does\n  Spacelift run?');
  });

  it('leaves a text alone that fits', () => {
    expect(wrapBehind('Where does it run?', 2, 20)).toBe('Where does it run?');
  });
});
