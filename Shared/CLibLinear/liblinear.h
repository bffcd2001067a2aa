// Debian's liblinear-dev puts its one header straight into the include path.
#include <linear.h>
