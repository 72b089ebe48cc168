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

export interface CheckedInputSettings {
  readonly message: string;
  /** The answer where nothing is typed. */
  readonly preset?: string | undefined;
  /** Says what is wrong with an answer, or nothing where it is fine. */
  readonly problem?: ((answer: string) => string | undefined) | undefined;
}

/**
 * A line of text that is checked as it is typed: what is wrong with it stands below, and goes once it is right. Before
 * anything is typed, nothing is wrong yet.
 */
export const checkedInput = createPrompt<string, CheckedInputSettings>((settings, done) => {
  const { message, preset = '', problem } = settings;
  const { style, ...theme } = makeTheme();
  const [status, setStatus] = useState<Status>('idle');
  const [value, setValue] = useState('');
  const [refused, setRefused] = useState(false);
  const prefix = usePrefix({ status, theme: { style, ...theme } });
  const remark = problem?.(value || preset);

  useKeypress((key, line) => {
    if (isTabKey(key)) {
      line.clearLine(0);
      line.write(value || preset);
      setValue(value || preset);
    } else if (!isEnterKey(key)) {
      setValue(line.line);
      setRefused(false);
    } else if (remark === undefined) {
      setValue(value || preset);
      setStatus('done');
      done(value || preset);
    } else {
      // Enter has emptied the line; what was typed is there to be mended.
      line.write(value);
      setRefused(true);
    }
  });

  const isDone = status === 'done';
  const shown = isDone ? style.answer(value) : value || (preset && style.defaultAnswer(preset));
  const says = value || refused ? (remark ?? (problem ? 'Enter goes on' : '')) : '';
  const below = refused ? style.error(says) : style.help(says);
  return [`${prefix} ${style.message(message, status)} ${shown}`, isDone || says === '' ? '' : below];
});
