#!/bin/sh
# The rules of the house, as HACKING has them: which folder may include which,
# no circle of many files, names, sizes and layout.  Prints TAP, and each fault
# with its file and line.

cd "${AGENTD_SRCDIR:-.}" || exit 1

# The limits.  Of names, so many are not yet after their file.
most_circle=4
most_names=20
most_lines=450

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

# check_with PROGRAM NAME COMMAND...: the same where there is such a program.
check_with()
{
	program=$1
	shift
	if command -v "$program" >/dev/null; then
		check "$@"
	else
		number=$((number + 1))
		echo "ok $number - $1 # SKIP $program is not installed"
	fi
}

# A folder, and the folders that its files may include from besides itself.
layers()
{
	cat <<'END'
common
conf common
schema conf common
tools agent conf common
agent agent/kinds agent/child schema conf common
agent/child agent conf common
agent/kinds agent agent/child common
frontend/agents frontend conf common
frontend/router frontend frontend/agents conf common
frontend/http frontend conf common
frontend/api frontend frontend/http frontend/router frontend/agents conf common
frontend frontend/api frontend/http frontend/router frontend/agents conf common
master conf common
agentctl agent conf common
END
}

# Includes of ours as "FILE:LINE FOLDER", with the folder that is included.
includes()
{
	find src -name '*.[ch]' ! -path src/agentd.c -exec grep -nH \
	    '^#[[:space:]]*include "' {} + |
	    sed -nE 's|^([^:]*:[0-9]*):[^"]*"(.*)/[^/]*".*|\1 \2|p'
}

upward_includes()
{
	{
		layers
		echo
		includes
	} | awk '
	    NF == 0 { rules = 1; next }
	    !rules {
		may[$1, $1] = known[$1] = 1
		for (i = 2; i <= NF; i++)
			may[$1, $i] = 1
		next
	    }
	    {
		folder = $1
		sub(/\/[^\/]*$/, "", folder)
		sub(/^src\//, "", folder)
		if (!known[folder])
			print $1 ": no layer is called " folder
		else if (!may[folder, $2])
			print $1 ": " folder " may not include " $2
	    }' | grep -v 'src/include'
}

# A header says "For this folder only." when that is so.
foreign_includes()
{
	grep -rl --include='*.h' 'For this folder only\.' src |
	    while read -r header; do
		grep -rnF "#include \"${header#src/}\"" src |
		    grep -v "^${header%/*}/[^/]*:"
	done
}

# A module is a .c with its .h.  What is in no circle is peeled off; of what is
# left, those that reach each other are one.
circles()
{
	find src -name '*.[ch]' -exec grep -H '^#[[:space:]]*include "' {} + |
	    sed -nE 's|^src/([^:]*)\.[ch]:[^"]*"(.*)\.h".*|\1 \2|p' |
	    awk -v most="$1" '
	    $1 != $2 && !(($1, $2) in edge) { edge[$1, $2]; node[$1]; node[$2] }
	    END {
		do {
			split("", into)
			split("", out)
			for (e in edge) {
				split(e, at, SUBSEP)
				out[at[1]]
				into[at[2]]
			}
			again = 0
			for (e in edge) {
				split(e, at, SUBSEP)
				if (!(at[1] in into) || !(at[2] in out)) {
					delete edge[e]
					again = 1
				}
			}
		} while (again)
		for (n in into)
			for (a in into)
				if ((a, n) in edge)
					for (b in into)
						if ((n, b) in edge)
							edge[a, b]
		for (a in into) {
			count = 0
			names = ""
			for (b in into)
				if ((a, b) in edge && (b, a) in edge && !(b in seen)) {
					seen[b]
					count++
					names = names " " b
				}
			if (count > most)
				print "a circle of " count ":" names
		}
	    }'
}

functions()
{
	find src -name '*.c' | ctags -L - -x --kinds-C=f \
	    --_xformat='%{line} %{end} %F %N'
}

# A function begins with the name of its file, up to the first "_".
strange_names()
{
	functions | awk '
	    {
		own = $3
		sub(/.*\//, "", own)
		sub(/[_.].*/, "", own)
		if ($4 != "main" && $4 ~ /[a-z]/ && index($4, own) != 1)
			print $3 ":" $1 ": " $4 "() is not named after its file"
		total++
	    }' | sort >"$1"
	[ "$(wc -l <"$1")" -le "$2" ] || cat "$1"
}

long_functions()
{
	functions | awk '$2 - $1 >= 60 {
		print $3 ":" $1 ": " $4 "() has " $2 - $1 + 1 " lines" }'
}

long_files()
{
	find src -name '*.[ch]' -exec wc -l {} + |
	    awk -v most="$1" '$2 != "total" && $1 > most { print $2 ":1: " $1 " lines" }'
}

long_makefiles()
{
	find . -name '*.am' -o -name programs.mk | grep -v '^\./_' |
	    xargs cat | awk 'END { if (NR >= 700) print NR " lines" }'
}

unformatted()
{
	find src tests -name '*.[ch]' -exec clang-format-14 --dry-run {} + 2>&1 |
	    sed -n 's/: warning: code should be clang-formatted.*//p' | sort -u
}

found_names=$(mktemp) || exit 1
check "folders include downward only" upward_includes
check "private headers stay in their folder" foreign_includes
check "no circle of more than $most_circle files" circles $most_circle
check_with ctags "functions are named after their file" \
    strange_names "$found_names" $most_names
check_with ctags "no function has more than 60 lines" long_functions
check "no file has more than $most_lines lines" long_files $most_lines
check "the makefiles have fewer than 700 lines" long_makefiles
check_with clang-format-14 "sources are as clang-format has them" unformatted
rm -f "$found_names"
echo "1..$number"
