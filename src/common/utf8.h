/*
 * UTF-8 that came from outside.
 */

#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

/*
 * Overwrites with '?' what is not valid UTF-8 in text, a sequence that was
 * cut off at its end included.
 */
void utf8_clean(char *text);

#endif
