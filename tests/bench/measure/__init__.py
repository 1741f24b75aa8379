# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""What tools/bench measures, and how it shows it."""
