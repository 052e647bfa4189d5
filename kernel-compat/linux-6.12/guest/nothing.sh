# SPDX-License-Identifier: GPL-2.0
# For what happens while the kernel boots.
check it_boots true
