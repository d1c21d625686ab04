// The bodies of signet, compiled once for everything that links the separate mode.
#include <signet/src.hpp>
