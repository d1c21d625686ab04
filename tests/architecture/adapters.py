"""The adapters to libraries of others, and what their library is seen by. A new one is named here, for all checks."""

# <folder>/<name>.hpp, which is included by name and in no umbrella -> the header of its library, in <folder>/impl/<name>.ipp alone.
ADAPTERS = {"store/sqlite": "sqlite3.h", "store/redis": "hiredis/hiredis.h", "store/postgres": "postgresql/libpq-fe.h", "crypto/openssl": "openssl/evp.h"}


def adapter_of(path):
    """The adapter that a file of the library belongs to, such as store/redis for store/impl/redis_protocol.ipp and store/asio_redis.hpp; or none."""
    folder = path.parent.parent if path.parent.name == "impl" else path.parent
    return next((a for a in ADAPTERS if a.split("/")[0] == folder.name and a.split("/")[1] in path.stem.split("_")), None)
