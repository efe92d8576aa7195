/*
 * A program that misbehaves as its first argument says, for the tests of tools
 * that are commands.  What it prints is JSON unless that is the point.
 */

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Most children that it starts. */
#define BROOD 64

static void __attribute__((noreturn)) stay(void)
{
	for (;;)
		pause();
}

/* A JSON string; what is not plain is shown as a question mark. */
static void
print_string(const char *text)
{
	putchar('"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar((unsigned char)*text < ' ' ? '?' : *text);
	}
	putchar('"');
}

static void
print_strings(char **list)
{
	putchar('[');
	for (size_t i = 0; list[i] != NULL; i++) {
		if (i > 0)
			putchar(',');
		print_string(list[i]);
	}
	puts("]");
}

static void
do_arguments(char **argv)
{
	print_strings(argv + 2);
}

static void
do_environment(char **argv)
{
	print_strings(environ);
}

static void
do_cat(char **argv)
{
	char chunk[65536];
	ssize_t got;

	while ((got = read(0, chunk, sizeof(chunk))) > 0)
		if (write(1, chunk, (size_t)got) != got)
			exit(1);
}

static void
do_hang(char **argv)
{
	stay();
}

static void
do_stubborn(char **argv)
{
	signal(SIGTERM, SIG_IGN);
	stay();
}

/* The same, and says when it is. */
static void
do_deaf(char **argv)
{
	signal(SIGTERM, SIG_IGN);
	fputs("deaf from now on\n", stderr);
	stay();
}

/* Ends by itself when it is told to. */
static void
on_term(int signo)
{
	(void)!write(1, "\"stopped\"\n", 10);
	_exit(0);
}

static void
do_polite(char **argv)
{
	signal(SIGTERM, on_term);
	stay();
}

/* A process of its own in a session of its own, as a daemon; it ignores TERM */
static void
leave_daemon(bool silent)
{
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		if (fork() == 0) {
			signal(SIGTERM, SIG_IGN);
			signal(SIGHUP, SIG_IGN);
			if (silent) {
				close(0);
				close(1);
				close(2);
			}
			stay();
		}
		_exit(0);
	}
	/* Not before it is out of reach. */
	waitpid(pid, NULL, 0);
}

static void
do_daemonise(char **argv)
{
	leave_daemon(true);
	puts("\"left\"");
}

/* The same, but the daemon holds standard output open. */
static void
do_hold(char **argv)
{
	leave_daemon(false);
	puts("\"held\"");
}

static void
do_daemonise_hang(char **argv)
{
	leave_daemon(true);
	do_stubborn(argv);
}

static void
flood(int fd)
{
	char chunk[65536];

	memset(chunk, 'x', sizeof(chunk));
	while (write(fd, chunk, sizeof(chunk)) > 0)
		;
	exit(1);
}

static void
do_flood_output(char **argv)
{
	flood(1);
}

static void
do_flood_errors(char **argv)
{
	flood(2);
}

/* A JSON string of so many bytes. */
static void
do_print(char **argv)
{
	long size = atol(argv[2]);

	putchar('"');
	for (long i = 2; i < size; i++)
		if (putchar('x') == EOF)
			exit(1);
	putchar('"');
}

static void
do_close_output(char **argv)
{
	(void)!write(1, "\"closed\"\n", 9);
	close(1);
	stay();
}

/* Goes on for a while after that, and ends well. */
static void
do_close_and_end(char **argv)
{
	(void)!write(1, "\"closed\"\n", 9);
	close(1);
	for (int i = 0; i < 20; i++)
		sched_yield();
	_exit(0);
}

static void
do_unread(char **argv)
{
	puts("\"unread\"");
}

static void
do_half(char **argv)
{
	fputs("{\"half\": [1, 2", stdout);
}

/* Prints its arguments as they are. */
static void
do_say(char **argv)
{
	for (argv += 2; *argv != NULL; argv++)
		puts(*argv);
}

/* Bytes that are no text. */
static void
do_binary(char **argv)
{
	(void)!write(1,
	    "a\xff"
	    "b\0c\n",
	    6);
}

static void
do_exit(char **argv)
{
	for (char **word = argv + 3; argv[2] != NULL && *word != NULL; word++)
		fprintf(stderr, "%s\n", *word);
	exit(argv[2] == NULL ? 0 : atoi(argv[2]));
}

static void
do_signal(char **argv)
{
	raise(atoi(argv[2]));
	stay();
}

static void
do_spin(char **argv)
{
	for (volatile unsigned long i = 0;; i++)
		;
}

static void
do_spin_on(char **argv)
{
	signal(SIGXCPU, SIG_IGN);
	do_spin(argv);
}

/* Takes memory until there is none; at most 1 GiB. */
static void
do_eat(char **argv)
{
	int megabytes = 0;
	char *piece;

	for (; megabytes < 1024; megabytes++) {
		if ((piece = malloc(1 << 20)) == NULL)
			break;
		memset(piece, 1, 1 << 20);
	}
	printf("%d\n", megabytes);
}

/* Address space that is never written to, as many runtimes do. */
static void
do_reserve(char **argv)
{
	size_t bytes = (size_t)atol(argv[2]) << 20;

	if (mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	    MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	printf("reserved\n");
}

static void
do_eat_and_abort(char **argv)
{
	while (malloc(1 << 20) != NULL)
		;
	abort();
}

static void
do_write(char **argv)
{
	int fd = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0666);
	char chunk[4096] = "";
	struct stat st;

	for (long left = atol(argv[3]); left > 0; left -= (long)sizeof(chunk))
		if (write(fd, chunk, sizeof(chunk)) == -1)
			break;
	fstat(fd, &st);
	printf("{\"size\": %lld, \"mode\": %o}\n", (long long)st.st_size,
	    st.st_mode & 0777);
}

static void
do_open(char **argv)
{
	int count = 0;

	while (count < 100000 && open("/dev/null", O_RDONLY) != -1)
		count++;
	printf("%d\n", count);
}

static void
do_fork(char **argv)
{
	pid_t pids[BROOD];
	int count = 0;

	while (count < BROOD && (pids[count] = fork()) != -1) {
		if (pids[count] == 0)
			stay();
		count++;
	}
	printf("%d\n", count);
	fflush(stdout);
	for (int i = 0; i < count; i++)
		kill(pids[i], SIGKILL);
}

/* All that it starts do as it does, each in a session of its own. */
static void
do_bomb(char **argv)
{
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	for (;;)
		if (fork() == 0)
			setsid();
}

/* There is one at a time, and never for long. */
static void
do_comet(char **argv)
{
	while (fork() <= 0)
		setsid();
	_exit(0);
}

/* Not the two that libc keeps for itself, and posix_spawn(3) ignores. */
static int
count_signals(const char *label)
{
	static const unsigned long long inner = 3ULL << (32 - 1);
	FILE *file = fopen("/proc/self/status", "re");
	unsigned long long set = 0;
	char line[256];

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, label, strlen(label)) == 0)
			set = strtoull(line + strlen(label), NULL, 16);
	if (file != NULL)
		fclose(file);
	return (__builtin_popcountll(set & ~inner));
}

static int
count_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return (count - 3); /* ".", ".." and the one that looks */
}

static long long
limit_of(int resource)
{
	struct rlimit limit;

	getrlimit(resource, &limit);
	return (
	    limit.rlim_cur == RLIM_INFINITY ? -1 : (long long)limit.rlim_cur);
}

/* All that a policy can say, as it is here. */
static void
do_state(char **argv)
{
	char dir[4096];
	mode_t mask = umask(0);

	printf("{\"directory\": ");
	print_string(getcwd(dir, sizeof(dir)) == NULL ? "?" : dir);
	printf(", \"umask\": \"%04o\", \"nice\": %d, \"scheduler\": %d",
	    (unsigned int)mask, getpriority(PRIO_PROCESS, 0),
	    sched_getscheduler(0));
	printf(", \"files\": %d, \"ignored\": %d, \"blocked\": %d",
	    count_files(), count_signals("SigIgn:"), count_signals("SigBlk:"));
	printf(", \"leads\": %s, \"uid\": %d, \"gid\": %d",
	    getsid(0) == getpid() && getpgrp() == getpid() ? "true" : "false",
	    (int)getuid(), (int)getgid());
	printf(", \"cpu\": %lld, \"memory\": %lld, \"file\": %lld",
	    limit_of(RLIMIT_CPU), limit_of(RLIMIT_DATA),
	    limit_of(RLIMIT_FSIZE));
	printf(", \"core\": %lld, \"open\": %lld, \"processes\": %lld}\n",
	    limit_of(RLIMIT_CORE), limit_of(RLIMIT_NOFILE),
	    limit_of(RLIMIT_NPROC));
}

/* Fails so many times, which it counts in a file, and then does not. */
static void
do_times(char **argv)
{
	int fd = open(argv[2], O_WRONLY | O_APPEND | O_CREAT, 0600);
	struct stat st;

	if (fd == -1 || write(fd, "x", 1) != 1 || fstat(fd, &st) == -1)
		exit(3);
	if (st.st_size <= atoi(argv[3]))
		exit(1);
	printf("%d\n", (int)st.st_size);
}

static const struct action {
	const char *name;
	void (*run)(char **argv);
	int arguments; /* that it needs */
} actions[] = {
    {"arguments", do_arguments},
    {"environment", do_environment},
    {"cat", do_cat},
    {"hang", do_hang},
    {"deaf", do_deaf},
    {"stubborn", do_stubborn},
    {"polite", do_polite},
    {"daemonise", do_daemonise},
    {"daemonise_hang", do_daemonise_hang},
    {"hold", do_hold},
    {"flood_output", do_flood_output},
    {"flood_errors", do_flood_errors},
    {"print", do_print, 1},
    {"close_output", do_close_output},
    {"close_and_end", do_close_and_end},
    {"unread", do_unread},
    {"half", do_half},
    {"say", do_say},
    {"binary", do_binary},
    {"exit", do_exit},
    {"signal", do_signal, 1},
    {"spin", do_spin},
    {"spin_on", do_spin_on},
    {"eat", do_eat},
    {"reserve", do_reserve, 1},
    {"eat_and_abort", do_eat_and_abort},
    {"write", do_write, 2},
    {"open", do_open},
    {"fork", do_fork},
    {"bomb", do_bomb},
    {"comet", do_comet},
    {"state", do_state},
    {"times", do_times, 2},
};

int
main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (argc > 1 && strcmp(argv[1], actions[i].name) == 0 &&
		    argc - 2 >= actions[i].arguments) {
			actions[i].run(argv);
			return (0);
		}
	fprintf(stderr, "toolbox: what am I to do?\n");
	return (2);
}
