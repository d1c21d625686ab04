// The bodies of the SQLite adapter, which no src.hpp includes.
#include <signet/store/impl/sqlite.ipp>
