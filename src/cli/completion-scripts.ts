import type { Completions } from './completion.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The line of a reply that stands for file names. */
const filesLine = ':files';

/**
 * The completion script of each shell. It passes the words typed so far to the program, as separate arguments and never
 * through `eval`, and reads the reply: one candidate per line.
 */
export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# bash completion for spacelift-slack
_spacelift_slack() {
  local line files= word="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == ${filesLine} ]]; then files=1; else COMPREPLY+=("$line"); fi
  done < <(spacelift-slack completion bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ $files ]]; then
    [[ $word == = ]] && word=
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word")
    compopt -o filenames 2>/dev/null
  fi
}
complete -F _spacelift_slack spacelift-slack
`,
  zsh: `#compdef spacelift-slack
_spacelift-slack() {
  local line files
  local -a candidates
  for line in "\${(@f)$(spacelift-slack completion zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == ${filesLine} ]]; then files=1; elif [[ -n $line ]]; then candidates+=("$line"); fi
  done
  (( $#candidates )) && _describe 'spacelift-slack' candidates
  if [[ -n $files ]]; then
    compset -P '--*='
    _files
  fi
}
if [[ $funcstack[1] == _spacelift-slack ]]; then
  _spacelift-slack "$@"
else
  compdef _spacelift-slack spacelift-slack
fi
`,
  fish: `# fish completion for spacelift-slack
function __spacelift_slack_complete
    set -l current (commandline -ct)
    set -l words (commandline -opc) "$current"
    for line in (spacelift-slack completion fish -- $words[2..-1] 2>/dev/null)
        if test "$line" = ${filesLine}
            set -l prefix (string match -r -- '^--[^=]*=' "$current")
            string replace -r -- '^' "$prefix" (__fish_complete_path (string replace -- "$prefix" '' "$current"))
        else
            echo $line
        end
    end
end
complete -c spacelift-slack -f -a '(__spacelift_slack_complete)'
`,
};

/** Renders completions in the format that the shell's script reads. */
export function renderReply(
  { candidates, files }: Completions,
  shell: Shell,
  words: readonly string[],
): string {
  const lines = candidates.map(({ value, description }) => {
    const short = description.replace(/\s+/g, ' ');
    if (shell === 'bash') return value.slice(replaced(words).length);
    if (shell === 'zsh') return short === '' ? escapeColon(value) : `${escapeColon(value)}:${short}`;
    return short === '' ? value : `${value}\t${short}`;
  });
  return [...lines, ...(files ? [filesLine] : [])].map((line) => `${line}\n`).join('');
}

/** Joins words that bash has broken at = and :, so that they are as in the other shells. */
export function joinBroken(words: readonly string[]): string[] {
  const joined: string[] = [];
  let open = false;
  for (const word of words) {
    const separator = word === '=' || word === ':';
    if ((separator || open) && joined.length > 0) joined.push(`${joined.pop()}${word}`);
    else joined.push(word);
    open = separator;
  }
  return joined;
}

/** The part of the current word that bash keeps: all up to the last = or colon. */
function replaced(words: readonly string[]): string {
  return /^.*[=:]/.exec(words.at(-1) ?? '')?.[0] ?? '';
}

function escapeColon(text: string): string {
  return text.replace(/:/g, '\\:');
}
