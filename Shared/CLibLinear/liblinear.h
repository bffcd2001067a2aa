// Debian's liblinear-dev installs its only header directly in the include path.
#include <linear.h>
