// libzmq without its draft API, as distributions build it, and the parts of it that Swift cannot import.
#ifndef FRONTDESK_CZEROMQ_H
#define FRONTDESK_CZEROMQ_H

#include <errno.h>
#include <zmq.h>

// The header declares it only with the draft API; the 4.3.4 library always supports it.
static const int ZEROMQ_ZAP_ENFORCE_DOMAIN = 93;

// Error numbers that the header defines with a macro.
static const int ZEROMQ_ETERM = ETERM;
static const int ZEROMQ_ENOCOMPATPROTO = ENOCOMPATPROTO;

// The user id that the ZAP handler assigned to the sender of a message; NULL without one.
static inline const char *zeromq_user_id(zmq_msg_t *message) {
  return zmq_msg_gets(message, "User-Id");
}

#endif
