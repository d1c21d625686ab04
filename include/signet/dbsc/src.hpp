// SPDX-License-Identifier: BSL-1.0
// The bodies of dbsc, for separate compilation: see <signet/src.hpp>.
#pragma once

#include <signet/dbsc/impl/answers.ipp>
#include <signet/dbsc/impl/bound_session.ipp>
#include <signet/dbsc/impl/cookie_check.ipp>
#include <signet/dbsc/impl/ending.ipp>
#include <signet/dbsc/impl/instructions.ipp>
#include <signet/dbsc/impl/message.ipp>
#include <signet/dbsc/impl/policy.ipp>
#include <signet/dbsc/impl/proof_token.ipp>
#include <signet/dbsc/impl/refresh.ipp>
#include <signet/dbsc/impl/registration.ipp>
#include <signet/dbsc/impl/session_record.ipp>
