/*
 * Resolves URI references (RFC 3986, section 5).  Called when a schema is
 * compiled; nothing here ever asks a network for anything.
 */

#include "schema/schema_uri.h"
#include "common/hex.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A part of a URI, with the characters that set it off left out. */
struct part {
	const char *text;
	size_t len;
	bool is; /* an empty part is not the same as none */
};

struct uri {
	struct part scheme, authority, path, query, fragment;
};

static struct part
schema_part_of(const char *text, size_t len)
{
	return ((struct part){text, len, true});
}

static size_t
schema_scheme_length(const char *text)
{
	size_t len = 0;

	if (!isalpha((unsigned char)*text))
		return (0);
	while (isalnum((unsigned char)text[len]) ||
	       (text[len] != '\0' && strchr("+-.", text[len]) != NULL))
		len++;
	return (text[len] == ':' ? len : 0);
}

static struct uri
schema_uri_split(const char *text)
{
	struct uri uri = {0};
	size_t len = schema_scheme_length(text);

	if (len > 0) {
		uri.scheme = schema_part_of(text, len);
		text += len + 1;
	}
	if (strncmp(text, "//", 2) == 0) {
		text += 2;
		uri.authority = schema_part_of(text, strcspn(text, "/?#"));
		text += uri.authority.len;
	}
	uri.path = schema_part_of(text, strcspn(text, "?#"));
	text += uri.path.len;
	if (*text == '?') {
		uri.query = schema_part_of(text + 1, strcspn(text + 1, "#"));
		text += 1 + uri.query.len;
	}
	if (*text == '#')
		uri.fragment = schema_part_of(text + 1, strlen(text + 1));
	return (uri);
}

/* Appends to what ends at end; gives the new end. */
static char *
schema_append(char *end, const char *text, size_t len)
{
	memcpy(end, text, len);
	return (end + len);
}

static char *
schema_append_part(
    char *end, const char *before, struct part part, const char *after)
{
	if (!part.is)
		return (end);
	end = schema_append(end, before, strlen(before));
	end = schema_append(end, part.text, part.len);
	return (schema_append(end, after, strlen(after)));
}

static bool
schema_begins(const char *text, const char *with)
{
	return (strncmp(text, with, strlen(with)) == 0);
}

/* Takes the last segment away from what stands from path to end. */
static char *
schema_segment_drop(char *path, char *end)
{
	while (end > path && *--end != '/')
		;
	return (end);
}

/* Section 5.2.4, in place; gives the new end. */
static char *
schema_dots_remove(char *path)
{
	char *in = path, *out = path;

	while (*in != '\0' && strcmp(in, ".") != 0 && strcmp(in, "..") != 0) {
		if (schema_begins(in, "../"))
			in += 3;
		else if (schema_begins(in, "./") || schema_begins(in, "/./"))
			in += 2;
		else if (schema_begins(in, "/../")) {
			in += 3;
			out = schema_segment_drop(path, out);
		} else if (strcmp(in, "/.") == 0)
			*++in = '/';
		else if (strcmp(in, "/..") == 0) {
			in += 2;
			*in = '/';
			out = schema_segment_drop(path, out);
		} else
			do
				*out++ = *in++;
			while (*in != '\0' && *in != '/');
	}
	*out = '\0';
	return (out);
}

/* Section 5.2.3: the reference takes the place of the last segment. */
static char *
schema_append_merged(char *end, const struct uri *base, struct part path)
{
	size_t len = base->path.len;

	if (base->authority.is && len == 0)
		end = schema_append(end, "/", 1);
	while (len > 0 && base->path.text[len - 1] != '/')
		len--;
	end = schema_append(end, base->path.text, len);
	return (schema_append(end, path.text, path.len));
}

static char *
schema_append_path(
    char *end, const struct uri *base, const struct uri *reference)
{
	const struct part path = reference->path;
	char *start = end;

	if (reference->scheme.is || reference->authority.is ||
	    (path.len > 0 && path.text[0] == '/'))
		end = schema_append(end, path.text, path.len);
	else if (path.len == 0)
		return (schema_append(end, base->path.text, base->path.len));
	else
		end = schema_append_merged(end, base, path);
	*end = '\0';
	return (schema_dots_remove(start));
}

char *
schema_uri_resolve(const char *base_text, const char *reference_text)
{
	const struct uri base = schema_uri_split(base_text);
	const struct uri r = schema_uri_split(reference_text);
	const bool own_authority = r.scheme.is || r.authority.is;
	const bool own_query = own_authority || r.path.len > 0 || r.query.is;
	char *text = malloc(strlen(base_text) + strlen(reference_text) + 8);
	char *end = text;

	if (text == NULL)
		return (NULL);
	end = schema_append_part(
	    end, "", r.scheme.is ? r.scheme : base.scheme, ":");
	end = schema_append_part(
	    end, "//", own_authority ? r.authority : base.authority, "");
	end = schema_append_path(end, &base, &r);
	end =
	    schema_append_part(end, "?", own_query ? r.query : base.query, "");
	end = schema_append_part(end, "#", r.fragment, "");
	*end = '\0';
	return (text);
}

/* Decodes %XX in place, but for %00: no name has a NUL in it. */
static void
schema_decode(char *text)
{
	char *out = text;
	int high, low;

	for (; *text != '\0'; text++) {
		high = *text == '%' ? hex_digit(text[1]) : -1;
		low = high >= 0 ? hex_digit(text[2]) : -1;
		if (low < 0 || high + low == 0)
			*out++ = *text;
		else {
			*out++ = (char)(high << 4 | low);
			text += 2;
		}
	}
	*out = '\0';
}

char *
schema_uri_cut(char *uri)
{
	char *fragment = uri + strcspn(uri, "#");

	if (*fragment == '\0')
		return (fragment);
	*fragment++ = '\0';
	schema_decode(fragment);
	return (fragment);
}
