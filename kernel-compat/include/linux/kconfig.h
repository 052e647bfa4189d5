/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The simulated kernel's configuration; included before every source file.
 *
 * same: IS_ENABLED(), IS_BUILTIN(), IS_MODULE(), IS_REACHABLE().
 */
#ifndef __LINUX_KCONFIG_H
#define __LINUX_KCONFIG_H

#ifndef AUTONUMA_COMPILED_OUT
#define CONFIG_AUTONUMA 1
#define CONFIG_AUTONUMA_DEFAULT_ENABLED 1
#endif
#define CONFIG_64BIT 1
#define CONFIG_X86 1
#define CONFIG_X86_64 1
#define CONFIG_MMU 1
#define CONFIG_SMP 1
#define CONFIG_NUMA 1
#define CONFIG_NUMA_BALANCING 1
#define CONFIG_MIGRATION 1
#define CONFIG_MMU_NOTIFIER 1
#define CONFIG_TRANSPARENT_HUGEPAGE 1
#define CONFIG_MEM_SOFT_DIRTY 1
#define CONFIG_HAVE_ARCH_SOFT_DIRTY 1
#define CONFIG_ARCH_ENABLE_THP_MIGRATION 1
#define CONFIG_SHMEM 1
#define CONFIG_SWAP 1
#define CONFIG_SLUB 1
#define CONFIG_SYSFS 1
#define CONFIG_DEBUG_FS 1
#define CONFIG_TRACEPOINTS 1
#define CONFIG_KUNIT 1
#define CONFIG_PRINTK 1
#define CONFIG_BUG 1
#define CONFIG_JUMP_LABEL 1
#define CONFIG_FREEZER 1
#define CONFIG_VM_EVENT_COUNTERS 1
#define CONFIG_CPUMASK_OFFSTACK 1
#define CONFIG_SPLIT_PTE_PTLOCKS 1
#define CONFIG_SPLIT_PMD_PTLOCKS 1
#define CONFIG_PREEMPT_COUNT 1
#define CONFIG_PREEMPT_VOLUNTARY 1
#define CONFIG_PREEMPT_RCU 1
#define CONFIG_DEBUG_KERNEL 1
#define CONFIG_DEBUG_VM 1
#define CONFIG_DEBUG_VM_RB 1
#define CONFIG_DEBUG_LIST 1
#define CONFIG_DEBUG_ATOMIC_SLEEP 1
#define CONFIG_DEBUG_SPINLOCK 1
#define CONFIG_DEBUG_LOCK_ALLOC 1
#define CONFIG_DEBUG_MUTEXES 1
#define CONFIG_DEBUG_RWSEMS 1
#define CONFIG_LOCKDEP 1
#define CONFIG_PROVE_LOCKING 1
#define CONFIG_PROVE_RCU 1
#define CONFIG_NODES_SHIFT 10
#define CONFIG_NR_CPUS 8192
#define CONFIG_HZ 1000
#define CONFIG_PGTABLE_LEVELS 4

/* Expands to 1 when @x is defined to 1, otherwise to 0. */
#define __KCONFIG_SECOND(first, second, ...) second
#define __KCONFIG_MARK_1 unused,
#define __KCONFIG_TEST3(mark_or_junk) __KCONFIG_SECOND(mark_or_junk 1, 0)
#define __KCONFIG_TEST2(value) __KCONFIG_TEST3(__KCONFIG_MARK_##value)
#define __KCONFIG_TEST(x) __KCONFIG_TEST2(x)

#define IS_BUILTIN(option) __KCONFIG_TEST(option)
#define IS_MODULE(option) 0
#define IS_REACHABLE(option) __KCONFIG_TEST(option)
#define IS_ENABLED(option) __KCONFIG_TEST(option)

#include <linux/compiler_types.h>

#endif /* __LINUX_KCONFIG_H */
