/*
 * One strict way to parse what a peer sent, one way to print, and what else is
 * done everywhere with the values of json-c.  Owns a tokener that is kept for
 * the next text, since parsing is on the path of every call; never keeps
 * anything of a text that it was given.
 */

#include "common/json.h"

#include <errno.h>
#include <float.h>
#include <json-c/json.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json_scan.h"

/* json-c counts a value within the innermost array as one level more. */
#define TOKENER_DEPTH (JSON_MAX_DEPTH + 2)

static struct json_tokener *
json_fresh_tokener(void)
{
	static struct json_tokener *tokener;

	if (tokener == NULL) {
		tokener = json_tokener_new_ex(TOKENER_DEPTH);
		if (tokener == NULL)
			return (NULL);
		json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	}
	json_tokener_reset(tokener);
	return (tokener);
}

/* Always false.  json-c leaves any errno. */
static bool
json_wrong(char *reason, const char *why)
{
	strlcpy(reason, why, JSON_REASON_SIZE);
	errno = EINVAL;
	return (false);
}

static bool
json_wrong_at(char *reason, const char *why, size_t offset)
{
	snprintf(reason, JSON_REASON_SIZE, "%s at byte %zu", why, offset);
	errno = EINVAL;
	return (false);
}

/* Always false. */
static bool
json_no_memory(char *reason)
{
	strlcpy(reason, "out of memory", JSON_REASON_SIZE);
	errno = ENOMEM;
	return (false);
}

/* Says in reason what the tokener found; true when the value is there. */
static bool
json_outcome(
    enum json_tokener_error error, bool ran_out, size_t offset, char *reason)
{
	/* Numbers were looked at before: this one lost some of its digits. */
	if (error == json_tokener_error_parse_number)
		return (json_no_memory(reason));
	if (error == json_tokener_success)
		return (!ran_out || json_no_memory(reason));
	return (json_wrong_at(reason,
	    error == json_tokener_continue ||
		    error == json_tokener_error_parse_eof
		? "unexpected end"
		: json_tokener_error_desc(error),
	    offset));
}

/* Builds the value of a text whose tokens are known to be right. */
static bool
json_build(const char *text, size_t len, const struct json_scan *scan,
    struct json_object **value, char *reason)
{
	struct json_tokener *tokener = json_fresh_tokener();
	enum json_tokener_error error;
	size_t end;

	if (tokener == NULL)
		return (json_outcome(json_tokener_success, true, 0, reason));
	*value = json_tokener_parse_ex(tokener, text, len);
	error = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	/* A number or a word on its own ends only at a further byte. */
	if (error == json_tokener_continue) {
		*value = json_tokener_parse_ex(tokener, "", 1);
		error = json_tokener_get_error(tokener);
	}
	/* It says so, too, of what comes behind a number, as in 2"x". */
	if (error == json_tokener_error_parse_number && !json_valid(text, len))
		error = json_tokener_error_parse_unexpected;
	/* Without memory it reports none: it stops early, or has no value. */
	return (json_outcome(error,
	    text + end != scan->end || (*value == NULL && *scan->first != 'n'),
	    end, reason));
}

/* What is in a value, to be compared with what is in its text. */
struct json_sum {
	size_t members; /* of all objects */
	size_t bytes;	/* of strings and names */
	size_t digits;	/* of the texts that reals were read from */
	bool infinite;	/* some number is */
};

static void
json_add_up(struct json_object *value, struct json_sum *sum)
{
	const char *text;

	switch (json_object_get_type(value)) {
	case json_type_array:
		for (size_t i = 0; i < json_object_array_length(value); i++)
			json_add_up(json_object_array_get_idx(value, i), sum);
		break;
	case json_type_object: {
		json_object_object_foreach (value, name, member) {
			sum->members++;
			sum->bytes += strlen(name);
			json_add_up(member, sum);
		}
		break;
	}
	case json_type_string:
		sum->bytes += (size_t)json_object_get_string_len(value);
		break;
	case json_type_double:
		/* json-c keeps the text that it has read a real from. */
		text = json_object_get_userdata(value);
		sum->digits += text == NULL ? 0 : strlen(text);
		if (!isfinite(json_object_get_double(value)))
			sum->infinite = true;
		break;
	default:
		break;
	}
}

/*
 * What only shows in the value: infinite numbers, members that are gone; and
 * strings that json-c has cut short, for lack of memory, without a word.
 */
static bool
json_check(
    struct json_object *value, const struct json_scan *scan, char *reason)
{
	struct json_sum sum = {0};

	json_add_up(value, &sum);
	if (sum.infinite)
		return (json_wrong(reason, "number out of range"));
	if (sum.members != scan->members)
		return (json_wrong(reason, "member name used twice"));
	return ((sum.bytes == scan->bytes && sum.digits == scan->digits) ||
		json_no_memory(reason));
}

bool
json_parse(const char *text, size_t len, struct json_object **value,
    char reason[static JSON_REASON_SIZE])
{
	struct json_scan scan;

	*value = NULL;
	if (len > INT_MAX)
		return (json_wrong(reason, "text too long"));
	if (!json_scan(&scan, text, len))
		return (json_wrong_at(reason, scan.why, scan.at - text));
	if (scan.first == NULL)
		return (json_wrong(reason, "empty text"));
	if (json_build(text, len, &scan, value, reason) &&
	    json_check(*value, &scan, reason))
		return (true);
	json_object_put(*value);
	*value = NULL;
	return (false);
}

/*
 * What has at most fifteen digits comes back from a normal double as it was,
 * so that fewer need no try: %g drops the zeros.  Numbers are printed in the C
 * locale, which no process of this program leaves.
 */
struct json_object *
json_number(double value)
{
	char text[32];
	int digits;

	if (value == trunc(value) && fabs(value) < 0x1p63)
		return (json_object_new_int64((int64_t)value));
	digits = isnormal(value) ? DBL_DIG : 1;
	do
		snprintf(text, sizeof(text), "%.*g", digits, value);
	while (digits++ < DBL_DECIMAL_DIG && strtod(text, NULL) != value);
	return (json_object_new_double_s(value, text));
}

/* Out of range, json-c gives the nearest that it can. */
bool
json_is_int64(struct json_object *value)
{
	double real;

	if (json_object_is_type(value, json_type_int))
		return (json_object_get_int64(value) < INT64_MAX ||
			json_object_get_uint64(value) == INT64_MAX);
	if (!json_object_is_type(value, json_type_double))
		return (false);
	real = json_object_get_double(value);
	return (real == trunc(real) && real >= -0x1p63 && real < 0x1p63);
}

const char *
json_string(struct json_object *value)
{
	const char *text = json_object_get_string(value);

	if (!json_object_is_type(value, json_type_string) ||
	    strlen(text) != (size_t)json_object_get_string_len(value))
		return (NULL);
	return (text);
}

void
json_add(
    struct json_object **object, const char *name, struct json_object *value)
{
	if (*object != NULL && value != NULL &&
	    json_object_object_add(*object, name, value) == 0)
		return;
	json_object_put(value);
	json_object_put(*object);
	*object = NULL;
}

void
json_add_null(struct json_object **object, const char *name)
{
	if (*object != NULL && json_object_object_add(*object, name, NULL) == 0)
		return;
	json_object_put(*object);
	*object = NULL;
}

void
json_append(struct json_object **array, struct json_object *value)
{
	if (*array != NULL && value != NULL &&
	    json_object_array_add(*array, value) == 0)
		return;
	json_object_put(value);
	json_object_put(*array);
	*array = NULL;
}

/* json-c also leaves out, without a word, what it has no memory to print. */
static bool
json_is_whole(struct json_object *value, const char *text, size_t len)
{
	struct json_sum sum = {0};
	struct json_scan scan;

	if (!json_scan(&scan, text, len))
		return (true); /* json_valid() says what is wrong with it */
	json_add_up(value, &sum);
	return (sum.members == scan.members && sum.bytes == scan.bytes);
}

const char *
json_text(struct json_object *value, size_t *len)
{
	const char *text = json_object_to_json_string_length(value,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, len);

	if (text != NULL && json_is_whole(value, text, *len))
		return (text);
	errno = ENOMEM;
	return (NULL);
}
