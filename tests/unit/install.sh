#!/bin/sh
# What "make install" puts where: the manual and the unit name the places that
# this build was configured for.  Prints TAP.

cd "${AGENTD_BUILDDIR:-.}" || exit 1

root=$(mktemp -d) || exit 1
trap 'rm -rf "$root"' EXIT

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

# A directory as the Makefile has it.
place()
{
	sed -n "s|^$1 = ||p" Makefile | sed "s|\${prefix}|$prefix|;
	    s|\${localstatedir}|$state|"
}

prefix=$(sed -n 's|^prefix = ||p' Makefile)
state=$(sed -n 's|^localstatedir = ||p' Makefile |
    sed "s|\${prefix}|$prefix|")
configuration=$(place sysconfdir)
run=$(place runstatedir)

install_all()
{
	# The variables of the make that runs the tests are not for this one.
	MAKEFLAGS='' MAKEOVERRIDES='' make -s install DESTDIR="$root" \
	    >"$root/log" 2>&1 || cat "$root/log"
}

# names PLACE WANTED: pages that name PLACE otherwise than as WANTED.
strays()
{
	find "$root" -path '*/man/*' -name 'agent*.[1-9]' \
	    -exec sed "s|$2/agentd||g; s|$2/default||g" {} + |
	    grep -nE "(^|[^a-z])$1/(agentd|default)"
}

# wanted TEXT NAME: the installed file of that name holds the text.
wanted()
{
	find "$root" -name "$2" -exec cat {} + | grep -qF "$1" ||
	    echo "$2 does not name $1"
}

uninstall_all()
{
	MAKEFLAGS='' MAKEOVERRIDES='' make -s uninstall DESTDIR="$root" \
	    >"$root/log" 2>&1 || cat "$root/log"
	rm -f "$root/log"
	find "$root" ! -type d
}

# Directories that have only one user, or none when we are gone.
empty_ones()
{
	find "$root" -mindepth 1 -type d |
	    grep -E 'agentd|completion|systemd|pkgconfig|/man[0-9]'
}

echo 1..8
check "make install" install_all
check "the manual has no other /etc" strays /etc "$configuration"
check "the manual has no other /run" strays /run "$run"
check "the manual names the environment file" \
    wanted "$configuration/default/agentd" agentd.8
check "the manual names the control socket" \
    wanted "$run/agentd/control.sock" agentd.8
check "the unit names the environment file" \
    wanted "$configuration/default/agentd" agentd.service
check "make uninstall leaves no file" uninstall_all
check "make uninstall leaves no directory of ours" empty_ones
