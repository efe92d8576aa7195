#!/bin/bash
# The completion of agentctl for bash, with an agentctl that knows two tools of
# its own.  Prints TAP.  AGENTD_SRCDIR is the top of the source tree.

source=$(realpath "${AGENTD_SRCDIR:-.}")/etc/agentctl.bash
build=$(realpath "${AGENTD_BUILDDIR:-.}")
number=0
place=$(mktemp -d) || exit 1
trap 'rm -rf "$place"' EXIT

cat >"$place/agentctl" <<'END'
#!/bin/bash
printf '%s\n' "$*" >>"${0%/*}/asked"
case " $* " in
*' tools -1 '*) printf '%s\n' echo wordfreq '$(touch pwned)' ;;
*' describe -1 -- echo '*)
	printf '%s\n' message= times:= 'a b=' '`touch pwned`=' '$(touch pwned)='
	;;
*' requests -1 '*) echo 550e8400-e29b-41d4-a716-446655440000 ;;
esac
END
chmod +x "$place/agentctl"
PATH=$place:$PATH
cd "$place" || exit 1

# Only within a completion is there one.
compopt()
{
	:
}

# shellcheck source=etc/agentctl.bash
. "$source"

result()
{
	number=$((number + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		echo "# expected: $2"
		echo "# found:    $3"
	fi
}

# completes EXPECTED WORD...: the last word is the one to be completed.
completes()
{
	expected=$1
	shift
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_agentctl
	result "$*" "$expected" "${COMPREPLY[*]}"
}

hostile='\$\(touch\ pwned\)'

completes 'reload requests resize' agentctl re
completes 'call' agentctl call
completes '' agentctl nothing
completes "echo wordfreq $hostile" agentctl call ''
completes 'wordfreq' agentctl call w
completes 'wordfreq' agentctl -t 5 -j call -p 1 w
completes 'echo' agentctl describe e
completes '' agentctl tools e
completes "message= times:= a\\ b= \\\`touch\\ pwned\\\`= $hostile=" \
    agentctl call echo ''
completes 'times:=' agentctl call echo t
completes 'times:=' agentctl call echo message = x t
completes '' agentctl call echo message =
completes '' agentctl call echo message = t
completes '' agentctl call wordfreq ''
completes '550e8400-e29b-41d4-a716-446655440000' agentctl cancel 5
completes 'reset open' agentctl breaker echo ''
completes 'echo' agentctl breaker e
completes 'error' agentctl log e
completes 'error warning info debug' agentctl log ''
completes '-T' agentctl call -T
completes '-h --help -j -q -s -t -u -V --version -1' agentctl tools -
completes '' agentctl -t ''
result "nothing was run" '' "$(ls pwned 2>/dev/null)"

: >asked
completes 'wordfreq' agentctl -u http : //localhost : 8080 call w
result "asks the same daemon" '-q -t 2 -u http://localhost:8080 tools -1' \
    "$(cat asked)"
: >asked
completes 'wordfreq' agentctl -s '/a\ b' call w
result "asks the same socket" '-q -t 2 -s /a b tools -1' "$(cat asked)"
touch some-file
completes 'some-file' agentctl -s some
completes 'some-file' agentctl try -c x some
completes 'some-file' agentctl batch some
completes 'reload requests resize' agentctl help re
result "is known to the shell" 'complete -F _agentctl agentctl' \
    "$(complete -p agentctl)"

# Every command that there is.
if [ -x "$build/agentctl" ]; then
	commands=$("$build/agentctl" -h |
	    sed -n 's/^  \([a-z][a-z]*\)  *.*/\1/p' | xargs)
	completes "$commands" agentctl ''
fi

echo "1..$number"
