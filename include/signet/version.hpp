// SPDX-License-Identifier: BSL-1.0
// The version, and the two macros of the library: SIGNET_DECL and SIGNET_ABI.
#pragma once

// Without C++20 the compiler stops at the second line: it would report each header's errors else, thousands of lines.
#if __cplusplus < 202002L && (!defined(_MSVC_LANG) || _MSVC_LANG < 202002L)
#    error                                                                                                             \
        "signet needs C++20: compile with -std=c++20 (CMake: target_compile_features(... cxx_std_20), Meson: cpp_std=c++20)"
#    include "signet needs C++20: compile with -std=c++20"
#endif

// By this attribute clang sees views that outlive what they look into; g++ need not warn that it does not know it.
#if defined(__GNUC__) && !defined(__clang__)
#    pragma GCC diagnostic ignored_attributes "clang::lifetimebound"
#endif

#define SIGNET_VERSION_MAJOR 0
#define SIGNET_VERSION_MINOR 1
#define SIGNET_VERSION_PATCH 0

// Header-only by default. With SIGNET_SEPARATE_COMPILATION defined in every translation unit, exactly one of them
// includes <signet/src.hpp> and all others see declarations only: no Botan and no Boost header.
#ifdef SIGNET_SEPARATE_COMPILATION
#    define SIGNET_DECL
#    define SIGNET_DETAIL_MODE s
#else
#    define SIGNET_DECL inline
#    define SIGNET_DETAIL_MODE h
#endif

// With SIGNET_NO_CURVE_ARITHMETIC defined in every translation unit, signet has no curve arithmetic of its own: Botan
// verifies ES256 and Ed25519 too, and nothing can be prepared.
#ifdef SIGNET_NO_CURVE_ARITHMETIC
#    define SIGNET_DETAIL_ARITHMETIC n
#else
#    define SIGNET_DETAIL_ARITHMETIC
#endif

// Botan's major version is seen from a header that only Botan 2 has. In separate mode a translation unit may not see
// Botan at all; build files then pass -DSIGNET_BOTAN_MAJOR=3 for Botan 3 (crypto/impl refuses a wrong value).
#ifndef SIGNET_BOTAN_MAJOR
#    if __has_include(<botan/version.h>) && !__has_include(<botan/emsa.h>)
#        define SIGNET_BOTAN_MAJOR 3
#    else
#        define SIGNET_BOTAN_MAJOR 2
#    endif
#endif

// The inline namespace keeps two vendored versions, two modes or two Botans in one program from running one another's
// bodies: all of these make different types and different symbols.
#define SIGNET_DETAIL_JOIN2(major, minor, patch, mode, botan, arithmetic)                                              \
    v##major##_##minor##_##patch##_##mode##botan##arithmetic
#define SIGNET_DETAIL_JOIN(major, minor, patch, mode, botan, arithmetic)                                               \
    SIGNET_DETAIL_JOIN2(major, minor, patch, mode, botan, arithmetic)
#ifndef SIGNET_ABI
#    define SIGNET_ABI                                                                                                 \
        SIGNET_DETAIL_JOIN(SIGNET_VERSION_MAJOR, SIGNET_VERSION_MINOR, SIGNET_VERSION_PATCH, SIGNET_DETAIL_MODE,       \
                           SIGNET_BOTAN_MAJOR, SIGNET_DETAIL_ARITHMETIC)
#endif
