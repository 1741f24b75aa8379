/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The pure core, whole. A shell around it calls, in this order: dhcp46_classify, its lookups of
 * whose packet it is, dhcp46_read_message, its lookups of the facts, and one of the dhcp46_plan_*.
 */
#ifndef DHCP46_CORE_CORE_H
#define DHCP46_CORE_CORE_H

#include "dhcp46/core/cra.h"
#include "dhcp46/core/tra.h"

#endif /* DHCP46_CORE_CORE_H */
