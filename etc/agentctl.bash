# shellcheck shell=bash
# Completion of agentctl(1) for bash(1): commands, options, tools and their
# parameters, requests in flight, levels of the log.
#
# What a daemon says is taken line by line and never expanded, so that no name
# of a tool or a parameter can be an order to the shell.

# Adds those of the lines on standard input that begin with $1.
_agentctl_lines()
{
	local line word

	while IFS= read -r line; do
		if [[ $line == "$1"* ]]; then
			printf -v word %q "$line"
			COMPREPLY+=("$word")
		fi
	done
}

# Runs agentctl with the socket or URL that is on the command line.
_agentctl_ask()
{
	command agentctl -q -t 2 "${place[@]}" "$@" 2>/dev/null
}

# The parameters of a tool; a "=" follows, and no space.
_agentctl_items()
{
	compopt -o nospace
	_agentctl_lines "$2" < <(_agentctl_ask describe -1 -- "$1")
}

_agentctl_options()
{
	local options='-h --help -j -q -s -t -u -V --version'

	case $1 in
	call) options+=' -T -p -r' ;;
	describe | requests | tools) options+=' -1' ;;
	check) options+=' -c' ;;
	top) options+=' -i -n' ;;
	try) options+=' -c -T' ;;
	esac
	_agentctl_lines "$2" <<<"${options// /$'\n'}"
}

# A word without its backslashes and quotes.
_agentctl_unquote()
{
	local word=${1//\\/}

	word=${word//\"/}
	printf %s "${word//\'/}"
}

# Takes the value of -s or -u at i; a URL was split at its colons.
_agentctl_place()
{
	local value=${COMP_WORDS[++i]}

	while [[ ${COMP_WORDS[i + 1]} == : ]] && ((i + 2 < COMP_CWORD)); do
		value+=:${COMP_WORDS[i + 2]}
		((i += 2))
	done
	place=("$1" "$(_agentctl_unquote "$value")")
}

# Finds the command and what follows it, without options and their values.
_agentctl_parse()
{
	local i word

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		-s | -u) _agentctl_place "$word" ;;
		-c | -t | -T | -p | -r | -i | -n) ((i++)) ;;
		-?*) ;;
		*) words+=("$word") ;;
		esac
	done
}

_agentctl()
{
	local current=${COMP_WORDS[COMP_CWORD]}
	local previous=${COMP_WORDS[COMP_CWORD - 1]}
	local -a words=() place=()

	COMPREPLY=()
	_agentctl_parse
	case $previous in
	-c | -s)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
		;;
	-t | -u | -T | -p | -r | -i | -n) return ;;
	esac
	if [[ $current == -* ]]; then
		_agentctl_options "${words[0]}" "$current"
		return
	fi
	case ${#words[@]}:${words[0]} in
	0: | 1:help) _agentctl_lines "$current" <<'EOF' ;;
agents
batch
breaker
breakers
call
cancel
check
describe
drain
help
log
reload
requests
resize
stats
tools
top
try
EOF
	1:breaker | 1:call | 1:describe)
		_agentctl_lines "$current" < <(_agentctl_ask tools -1)
		;;
	1:batch | 1:check | 1:try)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		;;
	1:cancel)
		_agentctl_lines "$current" < <(_agentctl_ask requests -1)
		;;
	2:breaker)
		_agentctl_lines "$current" <<<$'reset\nopen'
		;;
	1:log)
		_agentctl_lines "$current" <<<$'error\nwarning\ninfo\ndebug'
		;;
	*:call)
		# The shell splits words at "=" and ":".
		if [[ $current != [=:]* && $previous != [=:]* ]]; then
			_agentctl_items "${words[1]}" "$current"
		fi
		;;
	esac
}

complete -F _agentctl agentctl
