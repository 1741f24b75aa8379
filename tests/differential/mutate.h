// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Changes to well-formed packets.
#pragma once

#include "differential/random.h"
#include "differential/recipe.h"

namespace dhcp46::test {

// What a relay has to cope with: the packet should still be relayed.
void vary(Random &random, Recipe &recipe);
// What mostly has another fate.
void spoil(Random &random, Recipe &recipe);

} // namespace dhcp46::test
