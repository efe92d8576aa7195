/*
 * What json-c leaves open: one strict way to parse what a peer sent, one way to
 * print a number, and strings and members without surprises.
 */

#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

/*
 * Deepest nesting of arrays and objects that a peer may send, unless it is
 * limited otherwise, and the most that it can be limited to.
 */
#define JSON_DEPTH 32
#define JSON_MAX_DEPTH 136

/* What is around the parameters of a call, at most: a list of steps, say. */
#define JSON_ENVELOPE_DEPTH 4

/* From now on, in this process: from JSON_DEPTH to JSON_MAX_DEPTH. */
void json_limit_depth(int depth);

/* Room for a reason as json_parse() gives it. */
#define JSON_REASON_SIZE 128

/*
 * Parses exactly one JSON text (RFC 8259) of len bytes: valid UTF-8, no NUL,
 * nesting within the limit, every number within what a double or a
 * 64-bit integer holds.  On success returns true and gives *value, which the
 * caller puts (NULL is the JSON null).  Otherwise returns false and says why
 * in reason, in words fit for the peer; errno is ENOMEM when there was no
 * memory for the value, else EINVAL.
 */
bool json_parse(const char *text, size_t len, struct json_object **value,
    char reason[static JSON_REASON_SIZE]) __attribute__((warn_unused_result));

/*
 * Whether text is one JSON text of the form that json_parse() takes, but for
 * numbers too large for a double and names used twice.  Builds nothing.
 */
bool json_valid(const char *text, size_t len)
    __attribute__((warn_unused_result));

/* Whether text is nothing but the white space of JSON. */
bool json_blank(const char *text, size_t len);

/*
 * Called for each member of an object: its name as it stands in the text,
 * escapes and all, and the text of its value.  False ends the walk.
 */
typedef bool (*json_member)(void *arg, const char *name, size_t name_len,
    const char *value, size_t value_len);

/*
 * Walks over the members of an object without building it.  Returns 1; 0 when
 * member ended the walk; -1 when text is not an object, or not as json_valid()
 * wants it, which may show only after some members were seen.
 */
int json_walk(const char *text, size_t len, json_member member, void *arg)
    __attribute__((warn_unused_result));

/* The same over the elements of an array, whose name is NULL. */
int json_walk_array(const char *text, size_t len, json_member element,
    void *arg) __attribute__((warn_unused_result));

/* An object in a text, and what is known of it. */
struct json_found {
	const char *text;
	size_t len;
	size_t members;
	const char *name; /* of the last member, as it stands there */
	size_t name_len;
	const char *value; /* its text */
	size_t value_len;
};

/* False ends the search. */
typedef bool (*json_found)(void *arg, const struct json_found *);

/*
 * Finds each object, those within others before these, in the order in which
 * they end, at the cost of one pass.  Returns as json_walk() does, but that
 * text may be any JSON text.
 */
int json_each_object(const char *text, size_t len, json_found found, void *arg)
    __attribute__((warn_unused_result));

/*
 * Says in reason what is wrong with a text that json_valid() does not take,
 * without building what it is; false: nothing is.
 */
bool json_explain(const char *text, size_t len,
    char reason[static JSON_REASON_SIZE]) __attribute__((warn_unused_result));

/*
 * A JSON number with the shortest digits that read back as the same double;
 * whole numbers have neither point nor exponent below 2^63.  value must be
 * finite.  Returns NULL when there is no memory.
 */
struct json_object *json_number(double value);

/*
 * Whether value is a whole number that int64_t holds, however it was written;
 * json_object_get_int64() then gives it exactly.
 */
bool json_is_int64(struct json_object *value);

/*
 * The characters of a JSON string, borrowed; NULL when value is none, or holds
 * a NUL that would cut them.
 */
const char *json_string(struct json_object *value);

/*
 * Gives value to an object as a member of that name.  When there is no memory
 * for that, or was none for either (NULL), both are put and *object is NULL: so
 * one who builds an object checks it once, at the end.
 */
void json_add(
    struct json_object **object, const char *name, struct json_object *value);

/* The same with the value null, and for an element of an array. */
void json_add_null(struct json_object **object, const char *name);
void json_append(struct json_object **array, struct json_object *value);

/*
 * The compact text of value, borrowed until value is next changed, printed or
 * put; its length in *len.  NULL when there is no memory.
 */
const char *json_text(struct json_object *value, size_t *len);

#endif
