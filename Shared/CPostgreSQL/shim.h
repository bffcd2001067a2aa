// libpq, the C client library of PostgreSQL 15. Debian keeps its headers in a separate folder; naming that
// folder here saves every build a pkg-config call and its warning.
#include <postgresql/libpq-fe.h>
