/*
 * The agent's loop: read a request, run it, write the result.  Plain and
 * blocking; the front end and the master watch over it from outside.  It ends
 * when its socket does, so it never outlives its daemon.
 *
 * It counts its calls and looks at its memory after each answer has gone, so
 * that nobody waits for it, and asks nothing of the system unless max_rss is
 * set.
 */

#include "agent/agent.h"
#include "agent/child/child.h"
#include "agent/limits.h"
#include "agent/live.h"
#include "agent/registry.h"
#include "agent/run.h"
#include "common/claim.h"
#include "common/clock.h"
#include "common/frame.h"
#include "common/json.h"
#include "common/log.h"
#include "common/sweep.h"
#include "common/title.h"
#include "common/uuid.h"
#include "conf/conf.h"

#include <json-c/json.h>

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long processes that a tool left behind may take to die. */
#define SWEEP_LIMIT_MS 1000

/* The part of a limit of calls that chance may take off. */
#define JITTER 10

/* Between two looks at the own memory. */
#define TELL_NS NS_PER_SEC

static uint32_t agent_slot, agent_generation;
static const struct registry *agent_registry;
static struct claim *agent_claim;
static struct agent_wear agent_worn;

static pid_t agent_parent; /* the master, unless it is dead already */

/* How long tools may take to end in good order. */
#define FINISH_S 1

/* It can do no more calls, and waits for its end. */
static bool agent_unfit;

/* No call is running: the end of the socket is seen, or was seen. */
static volatile sig_atomic_t agent_waits;

/* It is not to begin another, not even one that it has read. */
static volatile sig_atomic_t agent_ends;

/*
 * Sent by the master, or by the kernel when the master is dead: go at once,
 * and take along whatever the tool has started.  Between calls there is time
 * to end in good order: the loop sees the end of its socket.
 */
static void
agent_on_term(int signo)
{
	if (signo == SIGTERM && agent_waits) {
		agent_ends = 1;
		shutdown(WIRE_SOCKET_FD, SHUT_RD);
		return;
	}
	child_cgroup_kill_all();
	sweep_all(SWEEP_LIMIT_MS);
	child_cgroup_remove_all();
	kill(0, SIGKILL); /* our process group, ourselves included */
}

static void
agent_status(enum status_kind kind, const char *reason)
{
	struct wire_status status = {
	    .kind = kind, .generation = agent_generation};

	strlcpy(status.reason, reason, sizeof(status.reason));
	if (write(WIRE_STATUS_FD, &status, sizeof(status)) == -1)
		_exit(1); /* no master, no agent */
}

static void
agent_fail(const char *reason)
{
	agent_status(STATUS_FAILED, reason);
	_exit(1);
}

static void
agent_send(const struct frame_header *request, struct run_answer *answer,
    int64_t run_ns, int64_t lingers_ms)
{
	struct wire_result result = {.outcome = answer->outcome,
	    .failure = answer->failure,
	    .unfit = answer->fitness.is != FIT,
	    .lingers_ms = (uint32_t)lingers_ms};
	struct frame_header header;
	struct iovec parts[] = {
	    {&header, sizeof(header)},
	    {&result, sizeof(result)},
	    {(void *)(uintptr_t)answer->text, answer->len},
	};

	result.run_us = run_ns / NS_PER_US > UINT32_MAX
			    ? UINT32_MAX
			    : (uint32_t)(run_ns / NS_PER_US);
	frame_header_init(&header, WIRE_RESULT, agent_slot, agent_generation,
	    request->id, sizeof(result) + answer->len);
	if (frame_write(WIRE_SOCKET_FD, parts, 3) == -1)
		_exit(errno == EPIPE ? 0 : 1);
}

/* Shows in ps(1) what runs here, and for whom. */
static void
agent_title_busy(const char *tool, uint32_t tool_len, const uint8_t *id)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(id, text);
	title_set(
	    "agent %u [busy: %.*s %s]", agent_slot, (int)tool_len, tool, text);
}

static void
agent_title_idle(void)
{
	title_set("agent %u [idle]", agent_slot);
}

/* Between two calls that came together it is not idle. */
static bool
agent_wait(int fd)
{
	agent_title_idle();
	return (live_wait(fd));
}

void
agent_wear_init(struct agent_wear *wear, const struct conf *conf)
{
	uint32_t jitter = (uint32_t)(conf->max_calls / JITTER);

	*wear = (struct agent_wear){
	    .max_calls = conf->max_calls - arc4random_uniform(jitter + 1),
	    .max_bytes = conf->max_rss_bytes,
	};
}

/* Resident memory of this process, or -1 when that cannot be known. */
static int64_t
agent_resident_bytes(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	long long total, resident;
	char text[128];
	ssize_t n;

	if (fd == -1)
		return (-1);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return (-1);
	text[n] = '\0';
	if (sscanf(text, "%lld %lld", &total, &resident) != 2)
		return (-1);
	return (resident * sysconf(_SC_PAGESIZE));
}

bool
agent_wear_call(struct agent_wear *wear, char reason[static AGENT_REASON_SIZE])
{
	int64_t bytes;

	wear->calls++;
	if (wear->told)
		return (false);
	if (wear->max_calls != 0 && wear->calls >= wear->max_calls) {
		snprintf(reason, AGENT_REASON_SIZE,
		    "ran %lld call%s (max_calls)", (long long)wear->calls,
		    LOG_S(wear->calls));
		return (wear->told = true);
	}
	if (wear->max_bytes == 0 ||
	    (bytes = agent_resident_bytes()) <= wear->max_bytes)
		return (false);
	snprintf(reason, AGENT_REASON_SIZE, "holds %lld KiB (max_rss)",
	    (long long)bytes / 1024);
	return (wear->told = true);
}

bool
agent_wear_starved(
    struct agent_wear *wear, char reason[static AGENT_REASON_SIZE])
{
	if (wear->told)
		return (false);
	snprintf(reason, AGENT_REASON_SIZE,
	    "had no memory for a call (agent_memory)");
	return (wear->told = true);
}

/*
 * Says how much memory it has, now and then: where processes are hidden from
 * each other, the front end cannot look.
 */
static void
agent_tell_resident(int64_t now_ns)
{
	static int64_t told_ns;

	if (told_ns != 0 && now_ns - told_ns < TELL_NS)
		return;
	told_ns = now_ns;
	atomic_store(&agent_claim->resident, agent_resident_bytes());
}

/* Asks to be replaced, once; until that is done it works on. */
static void
agent_check_wear(bool starved)
{
	char reason[AGENT_REASON_SIZE];

	if (starved ? agent_wear_starved(&agent_worn, reason)
		    : agent_wear_call(&agent_worn, reason))
		agent_status(STATUS_RECYCLE, reason);
}

/* The front end knows it with the answer, and gives it no other call. */
static void
agent_retire(const struct fitness *fitness)
{
	agent_unfit = true;
	if (fitness->is == UNFIT_MUTE)
		log_warn("%s", fitness->why);
	else
		agent_status(STATUS_RECYCLE, fitness->why);
}

/*
 * The answer goes out while what did not end in time still may; the front end
 * waits for another before it sends us a call.
 */
static void
agent_linger(const struct frame_header *request, struct run_answer *answer,
    int64_t run_ns)
{
	struct run_answer over = {
	    .outcome = WIRE_OUTCOME_TIMEOUT, .text = "\"\"", .len = 2};

	if (answer->lingers_ms == 0)
		return;
	agent_send(request, answer, run_ns, answer->lingers_ms);
	child_linger_finish();
	json_object_put(answer->value);
	over.fitness = answer->fitness;
	*answer = over;
}

static void
agent_handle(const struct frame *frame, size_t max_bytes)
{
	struct wire_request request;
	struct run_answer answer = {0};
	const char *tool = (const char *)frame->body + sizeof(request);
	size_t rest = frame->header.length - sizeof(request);
	int64_t begun_ns, run_ns;

	memcpy(&request, frame->body, sizeof(request));
	if (request.tool_len > rest ||
	    request.headers_len > rest - request.tool_len)
		_exit(1); /* not what our front end sends */
	rest -= request.headers_len;
	live_poll_limit(request.poll_us);
	if (!claim_begin(agent_claim, request.number))
		return; /* it goes to another agent */
	agent_waits = 0;
	sweep_adopt(0); /* what came since the last call is no stray of this */
	begun_ns = clock_now_ns();
	agent_title_busy(tool, request.tool_len, frame->header.id);
	live_begin(frame->header.id, request.number);
	run_call(&answer, agent_registry, tool, request.tool_len,
	    tool + request.tool_len, rest - request.tool_len, tool + rest,
	    request.headers_len, request.deadline_ns, max_bytes);
	live_end();
	run_ns = clock_now_ns() - begun_ns;
	if (answer.text != NULL && answer.fitness.is != UNFIT_LOST)
		agent_linger(&frame->header, &answer, run_ns);
	/* Nothing that the call started may outlive it. */
	if (answer.text == NULL || answer.fitness.is == UNFIT_LOST ||
	    ((!answer.alone || sweep_is_due()) &&
		sweep_strays(SWEEP_LIMIT_MS) == -1))
		_exit(1);
	agent_waits = 1; /* the tool is done */
	agent_send(&frame->header, &answer, clock_now_ns() - begun_ns, 0);
	json_object_put(answer.value);
	if (answer.fitness.is != FIT)
		agent_retire(&answer.fitness);
	else
		agent_check_wear(answer.outcome == WIRE_OUTCOME_NO_MEMORY);
	agent_tell_resident(begun_ns);
}

/*
 * A tool that takes too long for its end has none; nor has it without a master,
 * which would kill us when it does not come back.
 */
static void __attribute__((noreturn)) agent_finish(void)
{
	signal(SIGALRM, agent_on_term);
	alarm(FINISH_S);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == agent_parent)
		registry_finish(agent_registry);
	sweep_all(SWEEP_LIMIT_MS);
	_exit(0);
}

static void __attribute__((noreturn)) agent_loop(const struct conf *conf)
{
	struct frame_reader reader;
	struct frame frame;
	size_t calls = 0;
	int rc = 0;

	frame_reader_init(&reader, WIRE_SOCKET_FD, WIRE_FRONTEND, WIRE_AGENT);
	reader.wait = agent_wait;
	agent_waits = 1;
	while (!agent_ends && (rc = frame_read(&reader, &frame)) == 1) {
		if (frame.header.type != WIRE_REQUEST)
			continue; /* CANCEL of a call that is over */
		if (agent_unfit)
			continue; /* it is not begun, and goes elsewhere */
		if (calls++ == 0)
			agent_status(STATUS_WORKED, "");
		agent_handle(&frame, (size_t)conf->max_result_bytes);
	}
	if (rc == -1 && errno != ECONNRESET)
		log_warn("cannot read a request: %s", strerror(errno));
	if (agent_ends || rc == 0)
		agent_finish();
	_exit(1);
}

void
agent_main(uint32_t slot, uint32_t generation, const struct conf *conf,
    const void *tools, size_t tools_len)
{
	char reason[80];

	agent_parent = getppid();
	agent_slot = slot;
	agent_generation = generation;
	agent_claim = claim_of(slot, generation);
	claim_keep(slot);
	live_open(agent_claim, WIRE_SOCKET_FD, slot, generation);
	if (sweep_enable() == -1)
		agent_fail("cannot become a subreaper");
	signal(SIGTERM, agent_on_term);
	json_limit_depth((int)conf->max_nesting);
	child_cgroup_init(slot, generation);
	if (limits_set(conf, reason, sizeof(reason)) == -1)
		agent_fail(reason);
	agent_registry = registry_open(tools, tools_len, conf);
	if (agent_registry == NULL)
		agent_fail("no memory for the tools");
	registry_setup(agent_registry, conf);
	agent_wear_init(&agent_worn, conf);
	agent_title_idle();
	agent_tell_resident(clock_now_ns());
	agent_status(STATUS_READY, "");
	agent_loop(conf);
}
