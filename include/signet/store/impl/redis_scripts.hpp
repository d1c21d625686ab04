// SPDX-License-Identifier: BSL-1.0
// What the Redis adapter keeps under a key, and the scripts that judge it on the server.
#pragma once

#include <signet/version.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace store { namespace detail {

// A value: format, version, expiry, run of the server, time of writing, then the record's octets; numbers big-endian.
inline constexpr std::uint8_t redis_format = 1, redis_formats_end = 32; // no text of another program begins like ours
inline constexpr std::size_t redis_head = 1 + 4 * 8;
using redis_word = std::array<char, 8>;

constexpr redis_word redis_pack(std::uint64_t value) noexcept {
    redis_word out{};
    for (std::size_t i = 0; i != 8; ++i) out[i] = static_cast<char>(static_cast<unsigned char>(value >> (56 - 8 * i)));
    return out;
}
constexpr std::uint64_t redis_unpack(char const* at) noexcept {
    std::uint64_t value = 0;
    for (int i = 0; i != 8; ++i) value = value << 8 | static_cast<unsigned char>(at[i]);
    return value;
}

// The scripts. ARGV[1] is always the caller's now; answers: 1 done, 0 not applied, -1 malformed, -2 of an earlier run,
// -3 of a newer format. Such a value is neither overwritten nor taken: only a newer signet knows when it expires.
enum redis_script { redis_insert, redis_replace, redis_take, redis_erase, redis_scripts };
inline constexpr std::string_view redis_judge = "local head = redis.call('GETRANGE', KEYS[1], 0, 32)\n"
                                                "local live = false\n"
                                                "if #head > 0 then\n"
                                                "  if head:byte(1) > 1 and head:byte(1) < 32 then return -3 end\n"
                                                "  if #head < 33 or head:byte(1) ~= 1 then return -1 end\n"
                                                "  live = struct.unpack('>I8', head, 10) > tonumber(ARGV[1])\n"
                                                "end\n";
inline constexpr std::string_view redis_text[] = {
    // now, value, seconds to keep
    "if live then return 0 end\n"
    "redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])\n"
    "return 1",
    // now, value, seconds to keep, version
    "if not live or head:sub(2, 9) ~= ARGV[4] then return 0 end\n"
    "redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])\n"
    "return 1",
    // now, run of the server, not before, space
    "if not live then return 0 end\n"
    "if head:sub(18, 25) ~= ARGV[2] or struct.unpack('>I8', head, 26) <= tonumber(ARGV[3]) then return -2 end\n"
    "local value = redis.call('GET', KEYS[1])\n"
    "if #value - 33 > tonumber(ARGV[4]) then return {#value - 33} end\n"
    "redis.call('DEL', KEYS[1])\n"
    "return value",
    // now, version or nothing
    "if not live or (#ARGV[2] > 0 and head:sub(2, 9) ~= ARGV[2]) then return 0 end\n"
    "redis.call('DEL', KEYS[1])\n"
    "return 1",
};
static_assert(std::size(redis_text) == redis_scripts);

// Asked at connect, and again with the settings: who the server is, and until when single use is refused. It may have
// forgotten what it acknowledged if it was started or became a master since the record of this was written, or if that
// record is gone. KEYS[1] is the record, ARGV[1] the caller's now. Answers the run alone if the server is a replica;
// else the run and the time, and why that could not be kept.
inline constexpr std::string_view redis_lineage =
    "local function info(section, name)\n"
    "  return redis.call('INFO', section):match('\\n' .. name .. ':(%w+)') or ''\n"
    "end\n"
    "local run = info('server', 'run_id')\n"
    "if info('replication', 'role') ~= 'master' then return {run} end\n"
    "local identity = run .. '/' .. info('replication', 'master_replid')\n"
    "local kept = redis.call('HMGET', KEYS[1], 'identity', 'since')\n"
    "local since = kept[2] and kept[2]:match('^-?%d+$')\n"
    "if since and kept[1] == identity then return {run, since} end\n"
    "if not since or tonumber(since) < tonumber(ARGV[1]) then since = ARGV[1] end\n"
    "local done = redis.pcall('HSET', KEYS[1], 'identity', identity, 'since', since)\n"
    "return {run, since, type(done) == 'table' and done.err or nil}";

}}}} // namespace signet::store::detail
