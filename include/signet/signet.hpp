// SPDX-License-Identifier: BSL-1.0
// Everything but the store adapters: <signet/store/sqlite.hpp> and <signet/store/redis.hpp> are asked for by name.
#pragma once

#include <signet/codec.hpp>
#include <signet/core.hpp>
#include <signet/crypto.hpp>
#include <signet/http.hpp>
#include <signet/jose.hpp>
#include <signet/jwt.hpp>
#include <signet/proof.hpp>
#include <signet/store.hpp>
#include <signet/version.hpp>
