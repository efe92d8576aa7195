/*
 * URLs as libcurl reads them: those that a service leads to are its own, and
 * must not be read in another way than they are followed.  Called by the
 * other http files.
 */

#include "agent/kinds/http_client_impl.h"

#include <string.h>

char *
http_client_part(struct http_client *client, const char *text, CURLUPart part)
{
	CURLU *url = client->lib->curl_url();
	char *value = NULL;

	if (url != NULL && (client->lib->curl_url_set(url, CURLUPART_URL, text,
				CURLU_PATH_AS_IS) != CURLUE_OK ||
			       client->lib->curl_url_get(url, part, &value,
				   CURLU_DEFAULT_PORT) != CURLUE_OK))
		value = NULL;
	client->lib->curl_url_cleanup(url);
	return (value);
}

bool
http_client_same_origin(
    struct http_client *client, const char *a, const char *b)
{
	static const CURLUPart parts[] = {
	    CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
	bool same = true;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char *x = http_client_part(client, a, parts[i]);
		char *y = http_client_part(client, b, parts[i]);

		same = same && x != NULL && y != NULL && strcasecmp(x, y) == 0;
		client->lib->curl_free(x);
		client->lib->curl_free(y);
	}
	return (same);
}

bool
http_client_may_follow(struct http_client *client, const char *a, const char *b)
{
	char *from = http_client_part(client, a, CURLUPART_SCHEME);
	char *to = http_client_part(client, b, CURLUPART_SCHEME);
	char *user = http_client_part(client, b, CURLUPART_USER);
	bool good;

	good = from != NULL && to != NULL && user == NULL &&
	       (strcmp(to, "https") == 0 ||
		   (strcmp(to, "http") == 0 && strcmp(from, "http") == 0));
	client->lib->curl_free(from);
	client->lib->curl_free(to);
	client->lib->curl_free(user);
	return (good);
}
