// SPDX-License-Identifier: BSL-1.0
// The bodies of <signet/store/redis.hpp> and <signet/store/redis_cluster.hpp>, for separate compilation: included in
// one .cpp, beside those of <signet/src.hpp>.
#pragma once

#include <signet/store/impl/redis.ipp>
#include <signet/store/impl/redis_cluster.ipp>
#include <signet/store/impl/redis_protocol.ipp>
