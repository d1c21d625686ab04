"""The stores on libraries of others, and what their library is seen by. A new one is named here, for all checks."""

# store/<name>.hpp, which is included by name and in no umbrella -> the header of its library, in store/impl/<name>.ipp alone.
ADAPTERS = {"sqlite": "sqlite3.h", "redis": "hiredis/hiredis.h"}
