import { Option } from '@commander-js/extra-typings';

/** `--format`, for a result that is printed for people or for scripts. */
export const textOrJsonOption = (description = 'the output format') =>
  new Option('--format <format>', description).choices(['text', 'json'] as const).default('text' as const);
