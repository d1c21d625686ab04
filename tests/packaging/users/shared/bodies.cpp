// signet's bodies for a shared library; the whole program defines SIGNET_SEPARATE_COMPILATION. The pragma is for
// libraries that are built with -fvisibility=hidden: it exports signet. Without it signet stays the library's own
// business.
#pragma GCC visibility push(default)
#include <signet/src.hpp>
#pragma GCC visibility pop
