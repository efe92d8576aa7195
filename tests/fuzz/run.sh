#!/bin/sh
# Builds the fuzzers, with sanitizers, in the directory fuzz of the build
# directory, and runs each for a minute, two at a time, behind all other work.
# FUZZ_SECONDS is another time.  What they learn is kept there.  Prints TAP;
# skipped where there is no clang with libFuzzer.

source=$(realpath "${AGENTD_SRCDIR:-.}")
build=$(realpath "${AGENTD_BUILDDIR:-.}")/fuzz
seconds=${FUZZ_SECONDS:-60}
targets='conf coprocess envelope frame framing json schema'

skip()
{
	echo "1..0 # SKIP $1"
	exit 0
}

has_fuzzer()
{
	echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n)
	    { return (d == 0 && n > 0); }' |
	    clang -x c -fsanitize=fuzzer,address,undefined -o "$build/probe" - \
		>/dev/null 2>&1
}

make_fuzzers()
{
	if [ ! -e config.status ]; then
		"$source/configure" CC="${FUZZ_CC:-clang}" --enable-fuzzers \
		    --enable-sanitizers || return 1
	fi
	make -j 2 V=0 fuzzers
}

# What is known to be of the form that a target takes.
# shellcheck disable=SC2016 # no variables of the shell
make_seeds()
{
	for target in $targets; do
		mkdir -p "seeds/$target" "corpus/$target"
	done
	cp "$source/etc/agentd.conf" seeds/conf
	printf '\002timeout=2.5&priority=1\000{"message": "x"}' \
	    >seeds/envelope/query
	printf '\000\000{"tool_name": "echo", "params": {"message": "x"}, %s}' \
	    '"timeout": 5, "priority": 2, "retries": 1' >seeds/envelope/body
	printf '\001\000%s\n' \
	    '{"jsonrpc": "2.0", "id": 7, "result": {"a": [1]}}' \
	    '{"jsonrpc": "2.0", "method": "log", "params": {"level": "info"}}' \
	    >seeds/coprocess/answer
	printf '\001\007%s\r\n' \
	    '{"jsonrpc": "2.0", "method": "progress", "params": {"value": 1}}' \
	    '{"jsonrpc": "2.0", "id": 7, "error": {"code": 1, "message": "x"}}' \
	    '{"id": 7, "result": ' '{"jsonrpc": "2.0", "id": 8, "result": 1}' \
	    >seeds/coprocess/error
	printf '\001%s\r\nHost: x\r\n%s: 3 \r\n\r\nabc%s\r\n\r\n' \
	    'POST / HTTP/1.1' Content-Length 'GET /?a HTTP/1.0' \
	    >seeds/framing/lengths
	printf '\000%s\r\nHost: x\r\n%s\r\n\r\nA\r\n%s\r\n0\r\nX: y\r\n\r\n' \
	    'PUT / HTTP/1.1' 'Transfer-Encoding: chunked' 0123456789 \
	    >seeds/framing/chunks
	cp "$source/tests/e2e/openapi/catalogue.json" seeds/json
	cp "$source"/etc/tools.d/*.json seeds/json
	cp "$source/tests/e2e/openapi/catalogue.json" seeds/schema
	# A NUL is between a schema and a value.
	tr '~' '\000' >seeds/schema/old <<'END'
{"$schema": "http://json-schema.org/draft-04/schema#", "id": "x:a",
"minimum": 1, "exclusiveMinimum": true,
"items": [{"$ref": "#/definitions/b", "type": "null"}], "definitions": {"b":
{"pattern": "^[\\s-a\\S]\\uD83D\\uDE00.\\p{Letter}(?<=a)[^]$"}}}~["a"]
END
	tr '~' '\000' >seeds/schema/new <<'END'
{"$schema": "https://json-schema.org/draft/2019-09/schema",
"$recursiveAnchor": true, "contains": {"$recursiveRef": "#"},
"unevaluatedItems": false,
"items": [{"$ref": "http://json-schema.org/draft-07/schema#"}]}~[{}, 1]
END
}

# What is found is left beside its log.
fuzz()
{
	nice -n 10 "tests/fuzz/fuzz_$1" -max_total_time="$seconds" \
	    -timeout=25 -rss_limit_mb=2048 -artifact_prefix="$1-" \
	    "corpus/$1" "seeds/$1" >"$1.log" 2>&1
	echo $? >"$1.exit"
}

mkdir -p "$build" && cd "$build" || exit 1
has_fuzzer || skip "there is no clang with libFuzzer"
if ! make_fuzzers >make.log 2>&1; then
	echo "not ok 1 - the fuzzers are built"
	sed 's/^/# /' make.log
	echo "1..1"
	exit
fi
make_seeds
rm -f ./*.exit

running=0
for target in $targets; do
	fuzz "$target" &
	running=$((running + 1))
	if [ $running -eq 2 ]; then
		wait
		running=0
	fi
done
wait

number=0
for target in $targets; do
	number=$((number + 1))
	runs=$(sed -n 's/^Done \([0-9]* runs\) .*/\1/p' "$target.log")
	if [ "$(cat "$target.exit")" -eq 0 ]; then
		echo "ok $number - $target: $runs"
	else
		echo "not ok $number - $target"
		tail -n 40 "$target.log" | sed 's/^/# /'
	fi
done
echo "1..$number"
