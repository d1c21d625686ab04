// SPDX-License-Identifier: BSL-1.0
// The bodies of codec, for separate compilation: see <signet/src.hpp>.
#pragma once

#include <signet/codec/impl/base64url.ipp>
#include <signet/codec/impl/base64url_secret.ipp>
#include <signet/codec/impl/cbor_reader.ipp>
#include <signet/codec/impl/json_reader.ipp>
#include <signet/codec/impl/json_writer.ipp>
