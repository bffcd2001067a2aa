// libpq, the C client library of PostgreSQL 15. Debian keeps its headers in a folder of their own; naming that
// folder here spares every build a pkg-config call and its warning.
#include <postgresql/libpq-fe.h>
