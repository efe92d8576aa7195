#!/bin/sh
# Counts the source files that a call of the calculator enters, over all
# processes of the daemon, and those that a reload does: how much somebody has
# to read who follows one.  Builds the daemon with -finstrument-functions in
# the directory entered of the build directory.  With -v it names the files.
# Prints TAP.

most_for_call=60
most_for_reload=105

source=$(realpath "${AGENTD_SRCDIR:-.}")
build=$(realpath "${AGENTD_BUILDDIR:-.}")/entered
verbose=
[ "$1" = -v ] && verbose=yes

for program in addr2line nm curl; do
	if ! command -v $program >/dev/null; then
		echo "1..0 # SKIP $program is not installed"
		exit 0
	fi
done

build_daemon()
{
	if [ ! -e config.status ]; then
		"$source/configure" CC="${ENTERED_CC:-cc}" \
		    CFLAGS='-g -O0 -finstrument-functions' || return 1
	fi
	cc -g -O0 -fPIE -c -o entered.o "$source/tests/entered/entered.c" &&
	make -j 2 V=0 LIBS="$build/entered.o" agentd
}

fail()
{
	echo "not ok $1 - $2"
	sed 's/^/# /' "$build/log"
	exit 1
}

# What a process does now and then, whoever asks, is not the call's.
mark()
{
	printf '\1' | dd of=map conv=notrunc bs=1 count=1 2>/dev/null
	"$@"
	status=$?
	printf '\0' | dd of=map conv=notrunc bs=1 count=1 2>/dev/null
	return $status
}

call()
{
	curl -sf --unix-socket "$build/socket" -H 'Content-Type: application/json' \
	    -d '{"operation": "add", "a": 1, "b": 2}' \
	    http://localhost/api/v1/tools/calculator >/dev/null
}

reload()
{
	curl -sf --unix-socket "$build/control" -X POST \
	    http://localhost/api/v1/admin/reload >/dev/null
}

forget()
{
	size=$(wc -c <map)
	dd if=/dev/zero of=map conv=notrunc bs="$size" count=1 2>/dev/null
}

# The files of the functions whose bytes are set.
files()
{
	od -An -v -tu1 -w1 map | awk '$1 != 0 { printf "0x%x\n", NR - 1 }' |
	    sed 1d | addr2line -e agentd |
	    sed -n "s|^.*/\(src/[^:]*\):.*|\1|p" | sort -u
}

# report NUMBER NAME MOST: of what is in the map.
report()
{
	files >"files.$1"
	count=$(wc -l <"files.$1")
	if [ "$count" -le "$3" ] && [ "$count" -gt 0 ]; then
		echo "ok $1 - $2 enters $count source files of at most $3"
	else
		echo "not ok $1 - $2 enters $count source files of at most $3"
		verbose=yes
	fi
	if [ -n "$verbose" ]; then
		sed 's/^/# /' "files.$1"
	fi
}

mkdir -p "$build" && cd "$build" || exit 1
if ! build_daemon >log 2>&1; then
	fail 1 "the daemon is built"
fi
rm -f map
cat >agentd.conf <<END
listen = {"unix:$build/socket"}
control = "$build/control"
agents = 1
tools_dir = ""
END
ENTERED=$build/map ./agentd -f -c "$build/agentd.conf" >log 2>&1 &
daemon=$!
trap 'kill -QUIT $daemon 2>/dev/null' EXIT
tries=0
until call; do
	tries=$((tries + 1))
	if [ $tries -ge 100 ] || ! kill -0 $daemon; then
		fail 1 "the daemon answers"
	fi
	sleep 0.1 # poll interval
done

mark call || fail 1 "the daemon answers a call"
report 1 "a call of the calculator" $most_for_call
forget
mark reload || fail 2 "the daemon reloads"
report 2 "a reload" $most_for_reload
echo 1..2
