"""The adapters to libraries of others, and what their library is seen by. A new one is named here, for all checks."""

# <folder>/<name>.hpp, which is included by name and in no umbrella -> the header of its library, in <folder>/impl/<name>.ipp alone.
ADAPTERS = {"store/sqlite": "sqlite3.h", "store/redis": "hiredis/hiredis.h", "store/postgres": "postgresql/libpq-fe.h", "crypto/openssl": "openssl/evp.h"}
