// libzmq without its draft parts, as distributions build it, and what Swift cannot import of it.
#ifndef FRONTDESK_CZEROMQ_H
#define FRONTDESK_CZEROMQ_H

#include <errno.h>
#include <zmq.h>

// The header hides it among the drafts, the library of 4.3.4 honours it always.
static const int ZEROMQ_ZAP_ENFORCE_DOMAIN = 93;

// Error numbers that the header builds with a macro.
static const int ZEROMQ_ETERM = ETERM;
static const int ZEROMQ_ENOCOMPATPROTO = ENOCOMPATPROTO;

// The user id that the ZAP handler gave to the sender of a message; NULL without one.
static inline const char *zeromq_user_id(zmq_msg_t *message) {
  return zmq_msg_gets(message, "User-Id");
}

#endif
