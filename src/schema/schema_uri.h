/*
 * URI references, as RFC 3986 has them.
 */

#ifndef SCHEMA_SCHEMA_URI_H
#define SCHEMA_SCHEMA_URI_H

/*
 * What reference means where the base is base, which may itself be relative
 * or empty.  To be freed; NULL when there is no memory.
 */
char *schema_uri_resolve(const char *base, const char *reference)
    __attribute__((warn_unused_result));

/*
 * Cuts the fragment off and gives it, decoded; it stands behind what is left
 * of uri, or is "" when there was none.
 */
char *schema_uri_cut(char *uri);

#endif
