# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Network namespaces, stock servers and clients, captures and counters for end-to-end tests."""
