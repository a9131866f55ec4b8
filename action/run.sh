#!/usr/bin/env bash
# The shell of action.yml, in two steps:
#
#   action/run.sh scan       installs keysweep, scans, writes reports, summary
#                            and outputs; the outcome is an output, not an exit
#                            code, so that reports are uploaded before it counts
#   action/run.sh verdict    ends with the exit code that the scan had
#
# Inputs come from the environment alone: INPUT_* from the workflow, EVENT_* from
# the event, GITHUB_* and RUNNER_* from the runner. None is evaluated, split at
# blanks or taken for an option.
#
# Runs under bash 3.2, which macOS has: no empty array is expanded, for one.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

output() { printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }

# A message as an annotation: `%`, CR and LF are what the runner would act on.
annotate() {
  local text=${2:0:4000}
  text=${text//'%'/%25}
  text=${text//$'\r'/%0D}
  text=${text//$'\n'/%0A}
  printf '::%s title=keysweep::%s\n' "$1" "$text"
}

# The job was not done: says why, where people look, and leaves the rest of the
# job to the verdict.
give_up() {
  annotate error "$1"
  {
    printf '## ⚠️ keysweep\n\n**The scan was not done:**\n\n'
    # Indented text is shown as it is, whatever is in it.
    printf '%s\n' "$1" | tail -c 20000 | sed 's/^/    /'
    printf '\n'
  } >>"$GITHUB_STEP_SUMMARY"
  output exit-code 2
  output upload false
  exit 0
}

# One line of text, or the end.
one_line() {
  case $2 in
    *[[:cntrl:]]*) give_up "the input '$1' has a line break or another control character" ;;
  esac
}

yes_or_no() {
  case $2 in
    true | false) ;;
    *) give_up "the input '$1' is neither 'true' nor 'false'" ;;
  esac
}

# ---------------------------------------------------------------- installation

# The program for this runner, as releases name it; nothing where there is none.
target() {
  case ${RUNNER_OS-}-${RUNNER_ARCH-} in
    Linux-X64) echo x86_64-unknown-linux-musl ;;
    Linux-ARM64) echo aarch64-unknown-linux-musl ;;
    macOS-X64) echo x86_64-apple-darwin ;;
    macOS-ARM64) echo aarch64-apple-darwin ;;
    Windows-X64) echo x86_64-pc-windows-msvc ;;
  esac
}

sha256() {
  if command -v sha256sum >/dev/null; then
    sha256sum <"$1"
  else
    shasum -a 256 <"$1"
  fi | cut -d ' ' -f 1
}

# Sets `program`.
install() {
  local version name sum='' url='' known at archive=$work/archive.tar.gz
  if [ -n "${KEYSWEEP_BIN-}" ]; then
    [ -f "$KEYSWEEP_BIN" ] && [ -x "$KEYSWEEP_BIN" ] ||
      give_up "KEYSWEEP_BIN names no program: $KEYSWEEP_BIN"
    program=$KEYSWEEP_BIN
    return
  fi
  version=$(sed -n '/^version = "/{s/^version = "\(.*\)"$/\1/p;q;}' "$root/Cargo.toml")
  name=keysweep-$version-$(target)
  # A release writes the lines `SHA-256  URL` into the commit that the action is
  # used from. Where there are none, as between releases, the source that came
  # with the action is what there is to run.
  while read -r known at; do
    case $at in
      */"$name".tar.gz) sum=$known url=$at ;;
    esac
  done <"$root/action/checksums.txt"
  if [ -n "$url" ]; then
    if curl --proto '=https' --tlsv1.2 --fail --location --silent --show-error \
      --retry 3 --max-time 300 --output "$archive" "$url"; then
      # Not a case for building from source: somebody has to look at it.
      [ "$(sha256 "$archive")" = "$sum" ] ||
        give_up "$url is not what was released: its SHA-256 is not the one in action/checksums.txt. Nothing of it was run."
      # From standard input: to GNU's tar, the colon of a Windows path is a host's.
      tar -xzf - -C "$work" <"$archive" || give_up "$url cannot be unpacked"
      program=$work/$name/keysweep
      [ -f "$program" ] || program=$program.exe
      return
    fi
    annotate warning "$url could not be downloaded; building keysweep from source instead."
  fi
  command -v cargo >/dev/null ||
    give_up "there is no released keysweep $version for this runner, and no cargo to build it. Install Rust in an earlier step, or set KEYSWEEP_BIN."
  echo "::group::building keysweep $version"
  # In the action's own directory: cargo and rustup obey files of the directory
  # that they start in, and the workspace belongs to whoever wrote the change.
  (cd "$root" && cargo install --locked --path . --root "$work" --target-dir "$work/build") ||
    give_up "keysweep $version could not be built; the log says why"
  echo "::endgroup::"
  program=$work/bin/keysweep
  [ -f "$program" ] || program=$program.exe
}

# ----------------------------------------------------------------- the change

commit() { GIT_NO_LAZY_FETCH=1 git rev-parse --quiet --verify "$1^{commit}" 2>/dev/null; }

# What the change is compared with: sets `base`, or leaves it empty where there
# is no change to speak of.
#
# What is checked out for a pull request is, unless the workflow says otherwise,
# a merge that GitHub made. Its first parent is the base as it is now, and the
# event's base can be older: compared with that, the change would answer for
# what others have merged since. Only GitHub's own merge is trusted so; of any
# other commit, the author of the change chose the parents.
find_base() {
  local head parent
  base=
  case ${GITHUB_EVENT_NAME-} in
    pull_request | merge_group) ;;
    *) return ;;
  esac
  base=${EVENT_BASE_SHA-}
  [[ $base =~ ^[0-9a-f]{40,64}$ ]] || give_up "the event names no base commit"
  head=$(commit HEAD) ||
    give_up "the working directory is in no git repository that can be read: run actions/checkout first"
  if [[ ${GITHUB_REF-} =~ ^refs/pull/[0-9]+/merge$ ]] && [ "$head" = "${GITHUB_SHA-}" ] &&
    [ "$(commit 'HEAD^2')" = "${EVENT_HEAD_SHA:-unknown}" ] && parent=$(commit 'HEAD^1'); then
    base=$parent
  fi
  commit "$base" >/dev/null ||
    give_up "the checkout lacks $base, which the change starts from. Give actions/checkout 'fetch-depth: 0'."
}

# Whether the token of this run can write to code scanning: not for changes from
# a fork, nor for Dependabot's.
may_upload() {
  [ "$INPUT_UPLOAD" = true ] || return 1
  [ "${GITHUB_EVENT_NAME-}" = pull_request ] || return 0
  [ "${EVENT_HEAD_REPOSITORY-}" = "${GITHUB_REPOSITORY-}" ] &&
    [ "${GITHUB_ACTOR-}" != 'dependabot[bot]' ]
}

# ------------------------------------------------------------------- the steps

scan() {
  local work program base command arguments line lines token code findings
  : "${INPUT_PATHS=}" "${INPUT_SWEEP=}" "${INPUT_CONFIG=}" "${INPUT_RULES=}" "${INPUT_BASELINE=}"
  : "${INPUT_FAIL_ON:=high}" "${INPUT_STRICT:=false}" "${INPUT_ALLOW_INCOMPLETE:=false}"
  : "${INPUT_WHOLE_TREE:=false}" "${INPUT_UPLOAD:=true}" "${INPUT_SARIF_FILE=}"
  one_line config "$INPUT_CONFIG"
  one_line rules "$INPUT_RULES"
  one_line baseline "$INPUT_BASELINE"
  one_line fail-on "$INPUT_FAIL_ON"
  one_line sarif-file "$INPUT_SARIF_FILE"
  yes_or_no strict "$INPUT_STRICT"
  yes_or_no allow-incomplete "$INPUT_ALLOW_INCOMPLETE"
  yes_or_no whole-tree "$INPUT_WHOLE_TREE"
  yes_or_no upload "$INPUT_UPLOAD"

  command=scan
  if [ -n "$INPUT_SWEEP" ]; then
    command=sweep
    [ -z "$INPUT_PATHS" ] || give_up "give either 'paths' or 'sweep': a sweep reads a tenant, and no files"
  fi

  work=$(mktemp -d "$RUNNER_TEMP/keysweep.XXXXXX")
  sarif=${INPUT_SARIF_FILE:-$work/keysweep.sarif}
  find_base
  install
  "$program" --version || give_up "$program does not run"

  # A value that begins with a dash is a value, behind `=` and `--` as it is.
  arguments=("$command" --color=never --no-progress --fail-on="$INPUT_FAIL_ON"
    --output="sarif=$sarif" --output="markdown=$work/summary.md"
    --output="github=$work/annotations" --output="json=$work/report.json")
  [ "$INPUT_STRICT" = false ] || arguments+=(--strict)
  [ "$INPUT_ALLOW_INCOMPLETE" = false ] || arguments+=(--allow-incomplete)
  [ -z "$INPUT_CONFIG" ] || arguments+=(--config="$INPUT_CONFIG")
  [ -z "$INPUT_RULES" ] || arguments+=(--rules="$INPUT_RULES")
  [ -z "$INPUT_BASELINE" ] || arguments+=(--baseline="$INPUT_BASELINE")
  if [ -n "$base" ]; then
    # A change must not exempt itself.
    arguments+=(--policy-from="$base")
    [ "$command" = sweep ] || [ "$INPUT_WHOLE_TREE" = true ] || arguments+=(--since="$base")
  fi
  [ "$command" = sweep ] || arguments+=(--)
  lines=${INPUT_SWEEP:-$INPUT_PATHS}
  while IFS= read -r line; do
    case $command:$line in
      *:) ;;
      # Standard input, for keysweep; here a file of that name.
      scan:-*) arguments+=("./$line") ;;
      *) arguments+=("$line") ;;
    esac
  done <<<"${lines//$'\r'/}"

  # A report names files, and whoever named them could have thought of the
  # commands that a runner takes from the log: it is told to take none.
  token=keysweep-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  code=0
  echo "::stop-commands::$token"
  "$program" "${arguments[@]}" </dev/null 2>"$work/log" || code=$?
  cat "$work/log"
  echo "::$token::"

  case $code in
    0 | 1 | 2) ;;
    *) give_up "keysweep ended with $code: $(cat "$work/log")" ;;
  esac
  # Without a report there is only the reason: a bad policy, for example.
  [ -f "$work/summary.md" ] && [ -f "$sarif" ] ||
    give_up "$(cat "$work/log")"
  cat "$work/summary.md" >>"$GITHUB_STEP_SUMMARY"
  findings=$(sed -n '/^    "findings": [0-9]*,$/{s/[^0-9]//gp;q;}' "$work/report.json")
  output findings "$findings"
  output sarif-file "$sarif"
  output exit-code "$code"
  if may_upload; then
    output upload true
  else
    cat "$work/annotations"
    output upload false
  fi
}

verdict() {
  case ${SCAN_EXIT_CODE-} in
    0 | 1 | 2) exit "$SCAN_EXIT_CODE" ;;
  esac
  annotate error "The scan did not get as far as a result."
  exit 2
}

case ${1-} in
  scan | verdict) "$1" ;;
  *)
    echo "usage: action/run.sh scan|verdict" >&2
    exit 2
    ;;
esac
