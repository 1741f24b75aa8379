# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The runner: which cases there are, how they are run side by side, and what is reported."""
