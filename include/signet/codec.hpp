// SPDX-License-Identifier: BSL-1.0
// codec: base64url, CBOR, JSON.
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/codec/base64url.hpp>
#include <signet/codec/base64url_secret.hpp>
#include <signet/codec/cbor_reader.hpp>
#include <signet/codec/json_reader.hpp>
#include <signet/codec/json_writer.hpp>
