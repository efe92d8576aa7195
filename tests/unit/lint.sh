#!/bin/sh
# What can be said of the tree without running it: the manual is clean, scripts
# are clean, no test sleeps.  The rules of the house are in structure.sh.
# Prints TAP.  AGENTD_SRCDIR is the top of the source tree.

cd "${AGENTD_SRCDIR:-.}" || exit 1

number=0

# check NAME COMMAND [ARGUMENT...]: good when the command prints nothing.
check()
{
	name=$1
	shift
	number=$((number + 1))
	found=$("$@" 2>&1)
	if [ -z "$found" ]; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		echo "$found" | sed 's/^/# /'
	fi
}

skip()
{
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

# sources DIRECTORY...: the C files of those that exist.
sources()
{
	for directory in "$@"; do
		if [ -d "$directory" ]; then
			find "$directory" -name '*.[ch]'
		fi
	done
}

manuals()
{
	for page in man/*.[1-9]; do
		mandoc -Tlint -W warning "$page"
	done 2>&1 | grep -v 'outdated mandoc.db'
}

scripts()
{
	for script in quickstart .ci/run $(find tests -name '*.sh') \
	    tests/bench/run etc/agentctl.bash; do
		if [ -f "$script" ] && head -n 1 "$script" | grep -q 'sh$'; then
			echo "$script"
		fi
	done
}

# A header may embed a struct of libevent, not more.
header_includes()
{
	sources src | grep '\.h$' |
	    xargs -r grep -nE 'include <(event2|json-c)/' |
	    grep -v 'event2/event_struct\.h'
}

uncommented()
{
	sources src tests |
	    xargs -r awk 'FNR == 1 && !/^\/\*/ { print FILENAME }'
}

# Waiting for a moment between two looks at a condition is marked so.
sleeps()
{
	{
		sources tests |
		    xargs -r grep -nE '\<(u|nano|clock_nano)?sleep *\('
		find tests -name '*.sh' ! -name lint.sh -exec grep -nE \
		    '(^|[;&|({[:space:]])sleep[[:space:]]+[0-9$]' {} +
	} | grep -v 'poll interval'
}

script_faults()
{
	scripts | xargs -r shellcheck
}

# Asked for help, or badly, it leaves the tree as it was.
quickstart_makes()
{
	place=$(mktemp -d) || return
	cp quickstart "$place"
	"$place/quickstart" -h >"$place.out" || echo "-h fails"
	grep -q '^usage: ' "$place.out" || echo "-h tells no usage"
	"$place/quickstart" nothing 2>/dev/null && echo "takes anything"
	rm -f "$place.out" "$place/quickstart"
	ls -A "$place"
	rm -rf "$place"
}

# What stands in README behind a prompt is pasted with its indentation.
readme_documents()
{
	grep -n '<<' README
}

check "headers include neither libevent nor json-c" header_includes
check "every file opens with a comment" uncommented
check "no test sleeps" sleeps
check "quickstart -h makes nothing" quickstart_makes
check "README has no here-documents" readme_documents

if command -v mandoc >/dev/null; then
	check "manual pages are clean" manuals
else
	skip "manual pages are clean" "mandoc is not installed"
fi
if command -v shellcheck >/dev/null; then
	check "scripts are clean" script_faults
else
	skip "scripts are clean" "shellcheck is not installed"
fi

echo "1..$number"
