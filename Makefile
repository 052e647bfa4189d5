# SPDX-License-Identifier: GPL-2.0
#
# A thin front to CMake. `make help` lists the targets; the first use installs what is
# missing on Debian 12.

BUILD := build
# An earlier, different compiler is kept: CC=clang make …
JOBS  := $(shell nproc)
SUITES := unit integration stress

.DEFAULT_GOAL := all
.PHONY: all help deps run bench check check-plain check-asan check-tsan check-valgrind check-every \
	check-all fuzz fuzz-corpus fuzz-coverage fuzz-defects coverage check-coverage defects mutants \
	kernel-objects kernel kernel-run check-kernel check-kernel-stress check-kernel-self-test \
	bench-kernel conformance-table inject-table checkpatch sparse clean

help:
	@sed -n 's/^# make //p' Makefile | sed 's/^/make /'

# make                  build everything (build/release)
all: deps
	@scripts/build release

# make deps             install the Debian packages that are missing (needs root)
deps:
	@scripts/deps

# make run              the benchmark on 4 nodes × 16 CPUs, plot in build/run.svg
run: deps
	@scripts/build release autonuma-bench
	@$(BUILD)/release/tests/bench/autonuma-bench --nodes 4 --cpus 16 \
		--plot $(BUILD)/run.svg numa02 numa01_THREAD_ALLOC

# make bench            what the core costs on this computer, build/bench.json, and on
#                       1024 nodes against 4, build/bench-large.json; how many
#                       schedules a second, plain and under ASan, and which strategy
#                       finds what after how many
bench: deps
	@scripts/build release bench-core bench-core-compiled_out bench-large bench-replay \
		replay-defects
	@scripts/build asan bench-replay
	@$(BUILD)/release/tests/bench/bench-core --json $(BUILD)/bench.json
	@$(BUILD)/release/tests/bench/bench-large --json $(BUILD)/bench-large.json
	@$(BUILD)/release/tests/bench/bench-replay --json $(BUILD)/bench-replay.json
	@$(BUILD)/asan/tests/bench/bench-replay --json $(BUILD)/bench-replay-asan.json
	@python3 tests/integration/replay/defects.py \
		$(BUILD)/release/tests/integration/replay/replay-defects

# make check            all tests: plain, ASan+UBSan+LSan, TSan
check: deps
	@scripts/check release asan tsan

check-plain: deps
	@scripts/check release
# make check-asan       all tests under AddressSanitizer, UBSan, LeakSanitizer
check-asan: deps
	@scripts/check asan
# make check-tsan       all tests under ThreadSanitizer
check-tsan: deps
	@scripts/check tsan
# make check-valgrind   all tests under valgrind memcheck
check-valgrind: deps
	@scripts/check valgrind

# make check-every      races searched with every access of the core a decision point
check-every: deps
	@scripts/build every
	@ctest --test-dir build/every -C Nightly -R '\.races\.|random.*memory' -j "$$(nproc)" --output-on-failure

# make fuzz             fuzz each target for FUZZ_SECONDS (30), all cores; fails on a finding.
#                       FUZZ_TARGETS='sysfs topology' for some
FUZZ_SECONDS ?= 30
fuzz: deps
	@scripts/fuzz --seconds '$(FUZZ_SECONDS)' $(FUZZ_TARGETS)

# make fuzz-corpus      move what make fuzz found into fuzz/corpus, as little as reaches as much
fuzz-corpus: deps
	@scripts/fuzz --minimize $(FUZZ_TARGETS)

# make fuzz-coverage    lines of mm/ and sched/ that no fuzzer reaches; fails where
#                       fuzz/unreached does not say why
fuzz-coverage: deps
	@scripts/fuzz-coverage

# make fuzz-defects     plant known defects one by one; do the fuzz targets find them?
fuzz-defects: deps
	@scripts/fuzz-defects

# make check-all        for every night: every sanitizer, valgrind, all builds, long searches,
#                       fuzzing, defects, mutants; a table. PARTS='fuzz tso' for some
check-all: deps
	@scripts/check-all $(PARTS)

# make coverage         run the tests with gcov; build/coverage/report/index.html
coverage: deps
	@scripts/coverage
# make check-coverage   … and fail below 97 % of the lines, 92 % of the branches of mm/, sched/
check-coverage: deps
	@scripts/coverage --line 97 --branch 92

# make defects          plant known defects one by one; are they noticed? (a quarter of an hour)
defects: deps
	@tests/defects/defects.py

# make mutants          change one thing at a time: do the tests notice? N=100 SEED=1 for a
#                       sample, FILES='mm/scan.c sched/*.c' for some files
mutants: deps
	@tests/mutants/mutants.py $(if $(N),-n '$(N)') $(if $(SEED),--seed '$(SEED)') \
		$(if $(FILES),--files '$(FILES)')

# make kernel-objects   compile mm/ and sched/ in Linux 6.12 with W=1 and sparse
kernel-objects: deps
	@kernel-compat/linux-6.12/objects.sh build

# make kernel           a whole Linux 6.12 with the core, build/kernel/debug/bzImage: it watches
#                       its locks, lists and page tables; KERNEL=kasan also uses of freed
#                       memory and lost objects, KERNEL=kcsan data races, KERNEL=plain
#                       nothing; KERNEL=plain-off is plain without the core
KERNEL := debug
kernel: deps
	@kernel-compat/linux-6.12/kernel.sh build $(KERNEL)

# make kernel-run       boot it under QEMU with a shell; NODES=4 instead of 2
NODES := 2
kernel-run: kernel
	@kernel-compat/linux-6.12/boot.py shell $(BUILD)/kernel/$(KERNEL)/bzImage $(NODES)

# make check-kernel     boot it on machines of several shapes: checks, and the suites that
#                       both worlds share, compared with userspace case by case;
#                       MACHINES='one-node holes' for some of them
check-kernel: kernel
	@kernel-compat/linux-6.12/check.py . $(BUILD)/kernel/$(KERNEL)/bzImage $(MACHINES)

# make check-kernel-stress  storms on 4 nodes for STRESS (600) seconds, in the kernel KERNEL
STRESS := 600
check-kernel-stress: kernel
	@kernel-compat/linux-6.12/check.py . $(BUILD)/kernel/$(KERNEL)/bzImage --stress '$(STRESS)'

# make check-kernel-self-test  mistakes planted in the kernel KERNEL: does it notice?
check-kernel-self-test: kernel
	@kernel-compat/linux-6.12/check.py . $(BUILD)/kernel/$(KERNEL)/bzImage --self-test

# make bench-kernel     local accesses, modelled memory time and costs in instructions under five
#                       policies, in the booted kernel; BENCH='--nodes 2 --programs numa02'
bench-kernel: deps
	@kernel-compat/linux-6.12/kernel.sh build plain
	@kernel-compat/linux-6.12/kernel.sh build plain-off
	@tests/bench/bench-kernel/bench_kernel.py --kernel $(BUILD)/kernel/plain/bzImage \
		--baseline $(BUILD)/kernel/plain-off/bzImage $(BENCH)

# make conformance-table	each function that the shim offers: who calls it, which suite of
#                       tests/conformance tests it
conformance-table: deps
	@scripts/conformance --all

# make inject-table     what can fail, what did in these tests, what became of it; of those of
#                       mm/ and sched/, or INJECT='unit.vm.fork_test ...'
inject-table: deps
	@scripts/build release
	@scripts/inject-table --limit 90 $(or $(INJECT),$$(cd build/release/tests && \
		echo unit.autonuma.*_test unit.placement.*_test unit.thp.*_test))

# make checkpatch       checkpatch.pl --strict on mm/ and sched/
checkpatch: deps
	@scripts/checkpatch

# make clean            remove build/
clean:
	rm -rf $(BUILD)
