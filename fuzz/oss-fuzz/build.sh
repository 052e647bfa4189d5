#!/bin/bash -eu
# SPDX-License-Identifier: GPL-2.0
#
# Build all fuzz targets as OSS-Fuzz does: compiler and flags come from $CC, $CXX, $CFLAGS and
# $CXXFLAGS, the engine from $LIB_FUZZING_ENGINE; targets, libraries, options, dictionaries and
# seed corpora go to $OUT. Build files go to $WORK.
#
# Packages: cmake make pkg-config zip liburcu-dev libjson-c-dev libcmocka-dev
#
# With AFL++, outside OSS-Fuzz:
#	CC=afl-clang-fast CXX=afl-clang-fast++ CFLAGS=-fsanitize=address \
#	CXXFLAGS=-fsanitize=address LIB_FUZZING_ENGINE=-fsanitize=fuzzer \
#	OUT=out WORK=work fuzz/oss-fuzz/build.sh
cd "$(dirname "$0")/../.."
mkdir -p "$OUT/lib" "$WORK"
OUT=$(realpath "$OUT")

# The machines that run the targets have no packages.
# shellcheck disable=SC2016
cmake -S . -B "$WORK/build" -DCMAKE_BUILD_TYPE=Release -DAUTONUMA_FUZZ=ON \
	-DCMAKE_EXE_LINKER_FLAGS='-Wl,-rpath,\$ORIGIN/lib'
cmake --build "$WORK/build" --target fuzz -j "$(nproc)"

for source in fuzz/fuzz_*.c; do
	target=$(basename "$source" .c)
	name=${target#fuzz_}
	cp "$WORK/build/fuzz/$target" "$OUT/"
	for lib in $(ldd "$OUT/$target" | sed -n 's/.* => \(.*\(urcu\|json-c\)[^ ]*\) .*/\1/p'); do
		# of the second target on they are found where the first one's were put
		[ -f "$OUT/lib/$(basename "$lib")" ] || cp -L "$lib" "$OUT/lib/"
	done
	[ ! -f "fuzz/oss-fuzz/$target.options" ] || cp "fuzz/oss-fuzz/$target.options" "$OUT/"
	[ ! -f "fuzz/$name.dict" ] || cp "fuzz/$name.dict" "$OUT/$target.dict"
	seeds=()
	for dir in "fuzz/corpus/$name" "fuzz/crashes/$name"; do
		[ ! -d "$dir" ] || seeds+=("$dir")
	done
	[ ${#seeds[@]} -eq 0 ] || zip -q -r -j "$OUT/${target}_seed_corpus.zip" "${seeds[@]}"
done
