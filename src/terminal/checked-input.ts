import {
  createPrompt,
  isEnterKey,
  isTabKey,
  makeTheme,
  type Status,
  useKeypress,
  usePrefix,
  useState,
} from '@inquirer/core';
import type { PromptTheme } from './prompt-theme.ts';

export interface CheckedInputSettings {
  readonly message: string;
  /** The answer if nothing is typed. */
  readonly preset?: string | undefined;
  /** What is wrong with an answer; undefined if it is valid. */
  readonly problem?: ((answer: string) => string | undefined) | undefined;
  readonly theme: PromptTheme;
}

/**
 * A line of text that is checked as it is typed: what is wrong stands below until it is right. Nothing is wrong before
 * anything is typed.
 */
export const checkedInput = createPrompt<string, CheckedInputSettings>((settings, done) => {
  const { message, preset = '', problem, theme: given } = settings;
  const { style, ...theme } = makeTheme(given);
  const [status, setStatus] = useState<Status>('idle');
  const [value, setValue] = useState('');
  const [rejected, setRejected] = useState(false);
  const prefix = usePrefix({ status, theme: { style, ...theme } });
  const remark = problem?.(value || preset);

  useKeypress((key, line) => {
    if (isTabKey(key)) {
      line.clearLine(0);
      line.write(value || preset);
      setValue(value || preset);
    } else if (!isEnterKey(key)) {
      setValue(line.line);
      setRejected(false);
    } else if (remark === undefined) {
      setValue(value || preset);
      setStatus('done');
      done(value || preset);
    } else {
      // Enter has emptied the line: put back what was typed, so that it can be corrected.
      line.write(value);
      setRejected(true);
    }
  });

  const isDone = status === 'done';
  const shown = isDone ? style.answer(value) : value || (preset && style.defaultAnswer(preset));
  const remarkBelow = value || rejected ? (remark ?? (problem ? 'Press Enter to continue' : '')) : '';
  const below = rejected ? style.error(remarkBelow) : style.help(remarkBelow);
  return [`${prefix} ${style.message(message, status)} ${shown}`, isDone || remarkBelow === '' ? '' : below];
});
