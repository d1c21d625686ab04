// SPDX-License-Identifier: BSL-1.0
// EXPECT: private
#include <signet/dbsc/live_session.hpp>

using namespace signet;

#ifdef CONTROL
std::string const& id_of(dbsc::live_session const& session) { return session.id(); }
#else
dbsc::live_session forged() { return dbsc::live_session{}; } // only the operations make one
#endif
