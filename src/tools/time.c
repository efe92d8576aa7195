/*
 * time: the time now, in any zone and form, and what it will be.
 *
 * Names of zones lead to files below one directory and never out of it; the C
 * library then reads the file.  It knows only one zone a process at a time, in
 * TZ, which is another only while a call runs.
 */

#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "common/clock.h"
#include "common/json.h"
#include "conf/conf.h"
#include "tools/time_parts.h"
#include "tools/tools.h"

#define ZONE_DIRECTORY "/usr/share/zoneinfo/"
#define ZONE_MAX 64

static char *saved_zone; /* TZ before, NULL = there was none */

/* Neither a dot nor an empty component: no way up, no absolute path. */
static bool
time_zone_is_name(const char *name, size_t len)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789+_-/";

	return (len > 0 && len <= ZONE_MAX && strspn(name, letters) == len &&
		name[0] != '/' && name[0] != '-' && name[len - 1] != '/' &&
		strstr(name, "//") == NULL);
}

/* The C library takes what it cannot read for UTC: so look before. */
static bool
time_zone_is_file(const char *path)
{
	char magic[4];
	struct stat st;
	bool good;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd == -1)
		return (false);
	good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       read(fd, magic, sizeof(magic)) == sizeof(magic) &&
	       memcmp(magic, "TZif", sizeof(magic)) == 0;
	close(fd);
	return (good);
}

bool
time_zone_enter(const char *name, size_t len)
{
	char value[1 + sizeof(ZONE_DIRECTORY) + ZONE_MAX];
	const char *before = getenv("TZ");

	if (!time_zone_is_name(name, len))
		return (false);
	snprintf(value, sizeof(value), ":%s%s", ZONE_DIRECTORY, name);
	if (!time_zone_is_file(value + 1))
		return (false);
	saved_zone = before != NULL ? strdup(before) : NULL;
	/* What setenv() keeps is no more than there are zones. */
	if (setenv("TZ", value, 1) == -1) {
		free(saved_zone);
		return (false);
	}
	tzset();
	return (true);
}

void
time_zone_leave(void)
{
	if (saved_zone != NULL)
		setenv("TZ", saved_zone, 1);
	else
		unsetenv("TZ");
	free(saved_zone);
	saved_zone = NULL;
	tzset();
}

#define RFC3339 "2006-01-02T15:04:05Z07:00"
#define RFC3339_MICRO "2006-01-02T15:04:05.000000Z07:00"

/* The longest text that strftime() may make, and the longest format. */
#define FORMATTED_MAX 65536
#define FORMAT_SIZE 8192

static const char parameters[] =
    "{"
    "\"$schema\": \"https://json-schema.org/draft/2020-12/schema\","
    "\"type\": \"object\","
    "\"properties\": {"
    "  \"action\": {"
    "    \"type\": \"string\","
    "    \"enum\": [\"current\", \"timezone\", \"format\","
    "      \"add_duration\", \"unix\"],"
    "    \"default\": \"current\","
    "    \"description\": \"What to tell\""
    "  },"
    "  \"timezone\": {"
    "    \"type\": \"string\", \"minLength\": 1, \"maxLength\": 64,"
    "    \"description\": \"IANA name such as Europe/Berlin, for any action;"
    " required for timezone\""
    "  },"
    "  \"format\": {"
    "    \"type\": \"string\", \"maxLength\": 1024,"
    "    \"default\": \"" RFC3339 "\","
    "    \"description\": \"format: as for strftime when it holds a %, else"
    " a Go layout\""
    "  },"
    "  \"duration\": {"
    "    \"type\": \"string\", \"maxLength\": 256,"
    "    \"description\": \"add_duration: such as 2h30m, 1.5h, -10s, 300ms;"
    " required\""
    "  }"
    "},"
    "\"additionalProperties\": false"
    "}";

struct instant {
	int64_t seconds;
	long nsec;
	struct tm tm; /* in the zone of the call */
};

static bool
time_instant_set(
    struct tool_call *call, struct instant *t, int64_t seconds, long nsec)
{
	time_t when = seconds;

	t->seconds = seconds;
	t->nsec = nsec;
	if (localtime_r(&when, &t->tm) != NULL)
		return (true);
	tool_fail(call, "the date is out of range");
	return (false);
}

static void
time_add_layout(struct tool_call *call, const char *member, const char *layout,
    size_t layout_len, const struct instant *t)
{
	size_t len = 0;
	char *text = time_layout(layout, layout_len, &t->tm, t->nsec, &len);

	tool_add(call, member,
	    text != NULL ? json_object_new_string_len(text, len) : NULL);
	free(text);
}

static void
time_add_time(struct tool_call *call, const char *member, const char *layout,
    const struct instant *t)
{
	time_add_layout(call, member, layout, strlen(layout), t);
}

static bool compatible; /* the setting */

static void
time_setup(const struct conf *conf)
{
	compatible = conf->compatible;
}

/* The Go program had one name for its own zone, wherever it was. */
static void
time_add_zone(struct tool_call *call, const struct instant *t)
{
	const char *own = compatible ? "Local" : t->tm.tm_zone;

	tool_add_string(
	    call, "timezone", tool_param_string(call, "timezone", own, NULL));
}

static int64_t
time_week_of_year(const struct tm *tm)
{
	char week[8];

	strftime(week, sizeof(week), "%V", tm);
	return (strtol(week, NULL, 10));
}

static void
time_current(struct tool_call *call, const struct instant *now)
{
	time_add_time(call, "timestamp", RFC3339_MICRO, now);
	tool_add_int(call, "unix", now->seconds);
	time_add_time(call, "date", "2006-01-02", now);
	time_add_time(call, "time", "15:04:05", now);
	time_add_zone(call, now);
	time_add_time(call, "day_of_week", "Monday", now);
	tool_add_int(call, "day_of_year", now->tm.tm_yday + 1);
	tool_add_int(call, "week_of_year", time_week_of_year(&now->tm));
}

static void
time_timezone(struct tool_call *call, const struct instant *now)
{
	if (tool_param(call, "timezone") == NULL) {
		tool_fail(call, "timezone is required for this action");
		return;
	}
	time_add_zone(call, now);
	time_add_time(call, "timestamp", RFC3339_MICRO, now);
	time_add_time(call, "date", "2006-01-02", now);
	time_add_time(call, "time", "15:04:05", now);
	time_add_time(call, "offset", "-07:00", now);
}

/*
 * The caller's own format, which strftime() takes only literals without a
 * warning for.  A first character tells an empty text from one too long.
 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
time_add_strftime(
    struct tool_call *call, const char *format, const struct instant *t)
{
	char *text = malloc(FORMATTED_MAX), marked[FORMAT_SIZE];
	size_t len;

	snprintf(marked, sizeof(marked), "=%s", format);
	if (text == NULL)
		tool_add(call, "formatted", NULL);
	else if ((len = strftime(text, FORMATTED_MAX, marked, &t->tm)) == 0)
		tool_fail(call, "the formatted time is too long");
	else
		tool_add_string_len(call, "formatted", text + 1, len - 1);
	free(text);
}
#pragma GCC diagnostic pop

static void
time_format(struct tool_call *call, const struct instant *now)
{
	size_t len;
	const char *format = tool_param_string(call, "format", RFC3339, &len);

	tool_add_string_len(call, "format", format, len);
	if (memchr(format, '%', len) == NULL)
		time_add_layout(call, "formatted", format, len, now);
	else if (strlen(format) == len)
		time_add_strftime(call, format, now);
	else
		tool_fail(call, "a format for strftime cannot hold U+0000");
}

static void
time_add_duration(struct tool_call *call, const struct instant *now)
{
	size_t len;
	const char *text = tool_param_string(call, "duration", NULL, &len);
	const char *why;
	struct instant future;
	int64_t ns, sum;

	if (text == NULL) {
		tool_fail(call, "duration is required for this action");
		return;
	}
	why = time_duration(text, len, &ns);
	if (why != NULL) {
		tool_fail(call, "%s: \"%s\"", why, text);
		return;
	}
	sum = now->nsec + ns % NS_PER_SEC + NS_PER_SEC;
	if (!time_instant_set(call, &future,
		now->seconds + ns / NS_PER_SEC + sum / NS_PER_SEC - 1,
		sum % NS_PER_SEC))
		return;
	time_add_time(call, "current", RFC3339_MICRO, now);
	tool_add_string_len(call, "duration", text, len);
	time_add_time(call, "future", RFC3339_MICRO, &future);
	tool_add_number(call, "added_seconds", ns / 1e9);
}

static void
time_unix(struct tool_call *call, const struct instant *now)
{
	int64_t ns = now->seconds * NS_PER_SEC + now->nsec;

	tool_add_int(call, "unix", now->seconds);
	tool_add_int(call, "unix_milli", ns / NS_PER_MS);
	tool_add_int(call, "unix_micro", ns / NS_PER_US);
	tool_add_int(call, "unix_nano", ns);
}

static const struct {
	const char *name;
	void (*run)(struct tool_call *, const struct instant *now);
} actions[] = {
    {"current", time_current},
    {"timezone", time_timezone},
    {"format", time_format},
    {"add_duration", time_add_duration},
    {"unix", time_unix},
};

static void
time_act(struct tool_call *call)
{
	const char *action = tool_param_string(call, "action", "current", NULL);
	int64_t wall = clock_wall_ns();
	struct instant now;
	size_t i = 0;

	if (!time_instant_set(call, &now, wall / NS_PER_SEC, wall % NS_PER_SEC))
		return;
	/* The schema lets only these names through. */
	while (strcmp(actions[i].name, action) != 0)
		i++;
	actions[i].run(call, &now);
}

static void
time_run(struct tool_call *call)
{
	size_t len;
	const char *zone = tool_param_string(call, "timezone", NULL, &len);

	if (zone == NULL)
		time_act(call);
	else if (time_zone_enter(zone, len)) {
		time_act(call);
		time_zone_leave();
	} else
		tool_fail(call, "unknown time zone: \"%s\"", zone);
}

const struct tool tool_time = {
    .name = "time",
    .description = "Tells the time in any zone and form, and adds "
		   "durations to it",
    .parameters = parameters,
    .setup = time_setup,
    .run = time_run,
};
