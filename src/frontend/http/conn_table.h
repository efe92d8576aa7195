/*
 * Connections by descriptor.
 */

#ifndef FRONTEND_HTTP_CONN_TABLE_H
#define FRONTEND_HTTP_CONN_TABLE_H

struct conn;

/* 0, or -1 when there is no memory. */
int conn_table_put(int fd, struct conn *) __attribute__((warn_unused_result));

/* NULL when there is none. */
struct conn *conn_table_at(int fd);

/* No descriptor of a connection is as high as this. */
int conn_table_end(void);

/* Forgets a connection; one that is not there is nothing. */
void conn_table_drop(int fd, const struct conn *);

#endif
