// The bodies of the Redis adapter, which no src.hpp includes.
#include <signet/store/impl/redis.ipp>
