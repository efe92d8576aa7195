/*
 * Secrets of HTTP tools: taken from the environment when a manifest is loaded,
 * kept nowhere but in the memory of the daemon, and taken out of whatever a
 * service sends back, percent-encoded or not.  Never writes a value into a
 * message.
 */

#include "agent/kinds/http_secret.h"
#include "common/hex.h"

#include <json-c/json.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNRESERVED \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

/* Not locale's letters and digits, but these. */
static bool
http_among(const char *set, char c)
{
	return (c != '\0' && strchr(set, c) != NULL);
}

void
http_encode_to(FILE *to, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (http_among(UNRESERVED, text[i]))
			fputc(text[i], to);
		else
			fprintf(to, "%%%02X", (unsigned char)text[i]);
}

/* Without a stream, whose buffers would be left behind with a secret. */
char *
http_encode(const char *text, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";
	char *http_encoded, *to;

	if (len > SIZE_MAX / 4 || (http_encoded = malloc(3 * len + 1)) == NULL)
		return (NULL);
	to = http_encoded;
	for (size_t i = 0; i < len; i++) {
		if (http_among(UNRESERVED, text[i])) {
			*to++ = text[i];
			continue;
		}
		*to++ = '%';
		*to++ = digits[(unsigned char)text[i] >> 4];
		*to++ = digits[(unsigned char)text[i] & 15];
	}
	*to = '\0';
	return (http_encoded);
}

static bool
http_encoded(const char *text, size_t len, const char *others)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '%' && len - i > 2 &&
		    hex_digit(text[i + 1]) != -1 &&
		    hex_digit(text[i + 2]) != -1)
			i += 2;
		else if (!http_among(UNRESERVED, text[i]) &&
			 !http_among(others, text[i]))
			return (false);
	}
	return (true);
}

bool
http_encoded_path(const char *text, size_t len)
{
	return (http_encoded(text, len, "!$&'()*+,;=:@/"));
}

bool
http_encoded_query(const char *text, size_t len)
{
	return (http_encoded(text, len, "!$&'()*+,;=:@/?"));
}

void
http_secret_free(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

void
http_secrets_fini(struct http_secrets *secrets)
{
	for (size_t i = 0; i < secrets->count; i++) {
		http_secret_free(secrets->items[i].name);
		http_secret_free(secrets->items[i].value);
	}
	free(secrets->items);
	*secrets = (struct http_secrets){0};
}

/* Copies both. */
static const char *
http_secret_keep(
    struct http_secrets *secrets, const char *name, const char *value)
{
	size_t size = (secrets->count + 1) * sizeof(*secrets->items);
	struct http_secret *larger = realloc(secrets->items, size);
	struct http_secret *item;

	if (larger == NULL)
		return (NULL);
	secrets->items = larger;
	item = &larger[secrets->count];
	item->name = strdup(name);
	item->value = strdup(value);
	if (item->name != NULL && item->value != NULL) {
		secrets->count++;
		return (item->value);
	}
	free(item->name);
	http_secret_free(item->value);
	return (NULL);
}

/* Why it is no use; NULL: it is. */
static const char *
http_secret_fault(const char *value)
{
	if (value == NULL)
		return ("is not set in the environment");
	if (value[0] == '\0')
		return ("is empty");
	for (; *value != '\0'; value++)
		if ((unsigned char)*value < ' ' || *value == 127)
			return ("has control characters");
	return (NULL);
}

const char *
http_secret_get(struct http_secrets *secrets, const char *name, size_t len,
    char *why, size_t why_size)
{
	char *variable = strndup(name, len);
	const char *value = NULL, *fault = "out of memory";

	if (variable != NULL) {
		value = getenv(variable);
		fault = http_secret_fault(value);
	}
	if (fault == NULL &&
	    (value = http_secret_keep(secrets, variable, value)) == NULL)
		fault = "out of memory";
	if (fault != NULL) {
		snprintf(why, why_size, "${%.*s} %s", (int)len, name, fault);
		value = NULL;
	}
	free(variable);
	return (value);
}

static void
http_scrub_form(const char *form, char *data, size_t len)
{
	size_t form_len = strlen(form);
	char *end = data + len;

	while ((data = memmem(data, (size_t)(end - data), form, form_len)) !=
	       NULL) {
		memset(data, '*', form_len);
		data += form_len;
	}
}

/* As it stands between the quotes of a JSON string; flags as json-c's. */
static char *
http_secret_json(const char *value, int flags)
{
	struct json_object *string = json_object_new_string(value);
	const char *text = string == NULL
			       ? NULL
			       : json_object_to_json_string_ext(string, flags);
	char *copy = text == NULL ? NULL : strndup(text + 1, strlen(text) - 2);

	json_object_put(string);
	return (copy);
}

static void
http_scrub_one(const char *value, char *data, size_t len)
{
	char *forms[] = {
	    strdup(value),
	    http_encode(value, strlen(value)),
	    http_secret_json(value, JSON_C_TO_STRING_PLAIN),
	    http_secret_json(value, JSON_C_TO_STRING_NOSLASHESCAPE),
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (forms[i] != NULL)
			http_scrub_form(forms[i], data, len);
		else
			memset(data, '*', len);
		http_secret_free(forms[i]);
	}
}

void
http_secrets_scrub(const struct http_secrets *secrets, char *data, size_t len)
{
	for (size_t i = 0; i < secrets->count; i++)
		if (strlen(secrets->items[i].value) >= HTTP_SECRET_MIN)
			http_scrub_one(secrets->items[i].value, data, len);
}
