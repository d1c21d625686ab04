// SPDX-License-Identifier: BSL-1.0
// EXPECT: signet needs C++20: compile with -std=c++20
// FIRST LINES
// STD: c++17
// WITH: <signet/core.hpp>
// WITH: <signet/http.hpp>
// WITH: <signet/jwt.hpp>
// A standard that was forgotten was thousands of lines of errors.
#include WITH
