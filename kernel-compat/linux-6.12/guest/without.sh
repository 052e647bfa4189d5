# SPDX-License-Identifier: GPL-2.0
# AutoNUMA is not to be used: no sysfs, no daemons. Programs run as ever.
check autonuma_has_no_directory [ ! -e $autonuma ]
check autonuma_has_no_daemons same "threads of knuma_*" "$(daemons knuma_)" 0
check programs_run apart stay 4 2
check forks_beyond_the_limit_fail apart refused 1
