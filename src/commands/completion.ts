import { Argument, type Command } from '@commander-js/extra-typings';
import type { Run } from '../cli/command.ts';
import { complete } from '../cli/completion.ts';
import { completionScripts, joinBroken, renderReply, shells } from '../cli/completion-scripts.ts';
import { ExitCode } from '../exit-code.ts';

export function define(command: Command, run: Run): void {
  command
    .usage('[options] <shell>')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .argument('[words...]', 'the words typed so far, which the script passes after --')
    .addHelpText(
      'after',
      `
Add one of these lines to the start-up file of your shell:
  bash  ~/.bashrc                   source <(spacelift-slack completion bash)
  zsh   ~/.zshrc, after compinit    source <(spacelift-slack completion zsh)
  fish  ~/.config/fish/config.fish  spacelift-slack completion fish | source`,
    )
    .action(
      run(async ({ terminal }, shell, words) => {
        if (words.length === 0) {
          terminal.result(completionScripts[shell]);
          return ExitCode.done;
        }
        const typed = shell === 'bash' ? joinBroken(words) : words;
        terminal.result(renderReply(await complete(command.parent ?? command, typed), shell, typed));
        return ExitCode.done;
      }),
    );
}
