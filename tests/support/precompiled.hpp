// What the test programs include, compiled once for all of them (-Db_pch=false: not at all). No test counts on it: each
// file includes what it uses.
#include <signet/signet.hpp>
#include <signet/testing/fixed_random.hpp>
#include <signet/testing/manual_clock.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>
