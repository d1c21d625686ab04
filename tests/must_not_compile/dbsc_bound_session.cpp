// SPDX-License-Identifier: BSL-1.0
// EXPECT: private
#include <signet/dbsc/bound_session.hpp>

using namespace signet;

#ifdef CONTROL
std::string const& id_of(dbsc::bound_session const& session) { return session.id(); }
#else
dbsc::bound_session forged() { return dbsc::bound_session{}; } // only the operations make one
#endif
