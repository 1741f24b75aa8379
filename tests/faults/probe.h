// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// One golden case through the model. Apart from what knows the cases, so that a fault compiles
// fast.
#pragma once

#include "common/golden.h"

namespace dhcp46::test {

// Whether the model does what the case says.
bool holds(const GoldenCase &golden_case, const Scene &scene);

} // namespace dhcp46::test
