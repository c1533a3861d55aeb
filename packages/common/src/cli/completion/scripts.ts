import type { Shell } from "./completion-group.ts";

/** A script that makes a shell ask the program itself (`__complete`) what may follow. */
export function completionScript(shell: Shell, program: string, withDescriptions: boolean): string {
  const script = { bash, zsh, fish, powershell }[shell];
  // `@{` is the shells' `${`, which means something else in a template of this language.
  return script
    .replaceAll("@{", "${")
    .replaceAll("PROGRAM", program)
    .replaceAll("REQUEST", withDescriptions ? "__complete" : "__completeNoDesc");
}

const bash = String.raw`# bash completion for PROGRAM
__PROGRAM_completion() {
    local line=@{COMP_LINE:0:COMP_POINT} word directive=0 out value cut
    local -a words=() found=()
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    word=@{words[@{#words[@]}-1]}
    COMPREPLY=()
    out=$("@{words[0]}" REQUEST "@{words[@]:1}" 2>/dev/null) || return
    while IFS= read -r line; do
        if [[ $line =~ ^:[0-9]+$ ]]; then directive=@{line#:}; else found+=("$line"); fi
    done <<<"$out"
    # Of a word with = or : in it, bash replaces only what stands after that.
    [[ $word == -*=* ]] && word=@{word#*=}
    cut=@{word%"@{word##*[:=]}"}
    for line in "@{found[@]}"; do
        value=@{line%%$'\t'*}
        [[ $value == "$word"* ]] || continue
        if (( @{#found[@]} > 1 && COMP_TYPE == 63 )) && [[ $line == *$'\t'* ]]; then
            COMPREPLY+=("@{value#"$cut"}  (@{line#*$'\t'})")
        else
            COMPREPLY+=("@{value#"$cut"}")
        fi
    done
    (( directive & 2 )) && compopt -o nospace
    (( directive & 4 )) && compopt +o default
    return 0
}
complete -o default -F __PROGRAM_completion PROGRAM
`;

const zsh = String.raw`#compdef PROGRAM
# zsh completion for PROGRAM
_PROGRAM() {
    local out line directive=0
    local -a found rest
    out=$(@{(Q)words[1]} REQUEST "@{(@Q)words[2,CURRENT]}" 2>/dev/null) || return 1
    for line in "@{(@f)out}"; do
        if [[ $line =~ '^:[0-9]+$' ]]; then
            directive=@{line#:}
        elif [[ -n $line ]]; then
            line=@{line//:/\\:}
            found+=("@{line/$'\t'/:}")
        fi
    done
    (( directive & 2 )) && rest=(-S '')
    if (( @{#found} > 0 )); then
        [[ @{words[CURRENT]} == -*=* ]] && compset -P '*='
        _describe -t values PROGRAM found "@{rest[@]}"
    elif (( ! (directive & 4) )); then
        _files
    fi
}
if [[ $funcstack[1] == _PROGRAM ]]; then _PROGRAM "$@"; else compdef _PROGRAM PROGRAM; fi
`;

const fish = String.raw`# fish completion for PROGRAM
function __PROGRAM_completion
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l prefix (string match -r -- '^-.*=' $word)
    set -l files yes
    for line in ($words[1] REQUEST $words[2..-1] "$word" 2>/dev/null)
        if string match -qr '^:[0-9]+$' -- $line
            test (math "bitand("(string sub -s 2 -- $line)", 4)") -ne 0; and set files no
        else
            set files no
            echo "$prefix$line"
        end
    end
    test $files = yes; and __fish_complete_path "$word"
end
complete -c PROGRAM -e
complete -c PROGRAM -f -a '(__PROGRAM_completion)'
`;

const powershell = String.raw`# PowerShell completion for PROGRAM
Register-ArgumentCompleter -Native -CommandName PROGRAM -ScriptBlock {
    param($typed, $ast, $cursor)
    $words = @($ast.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursor } | ForEach-Object { $_.ToString() })
    if ($typed -eq '') { $words += '""' }
    $rest = @($words | Select-Object -Skip 1)
    & $words[0] REQUEST @rest 2>$null | Where-Object { $_ -notmatch '^:[0-9]+$' } | ForEach-Object {
        $value, $text = $_ -split [char]9, 2
        if (-not $text) { $text = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $text)
    }
}
`;
