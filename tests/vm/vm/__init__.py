# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Runs commands under another kernel: QEMU, on the root file system of this machine."""
