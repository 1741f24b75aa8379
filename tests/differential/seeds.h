// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Well-formed packets of the four paths, for every instance of the world.
#pragma once

#include "differential/random.h"
#include "differential/recipe.h"

namespace dhcp46::test {

Recipe make_seed(Random &random);

// An ordinary option of a client or server; never 0, 53, 82 or 255.
Option make_option(Random &random, std::size_t longest);
// Option 82 as a TRA adds it.
Option make_option82(std::uint8_t code, const Ip6 &cra);
// A CRA that every TRA of the world may serve.
Ip6 make_cra_address(Random &random);

} // namespace dhcp46::test
