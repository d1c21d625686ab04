// Nothing of its own: the library that this is part of owns the precompiled header.
