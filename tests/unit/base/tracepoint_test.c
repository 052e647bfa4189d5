// SPDX-License-Identifier: GPL-2.0
/*
 * Trace points made by an ordinary kernel trace header.
 */
#include <kunit/test.h>
#include <linux/interrupt.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <machine/trace.h>

#define CREATE_TRACE_POINTS
#include "trace/sample.h"

#include <trace/stages.h>

static void a_disabled_event_records_nothing(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, trace_sample_start_enabled());
	trace_sample_start(1);
	KUNIT_EXPECT_EQ(test, trace_count("sample_start"), 0);
}

static void a_record_prints_fields_strings_symbols_and_flags(struct kunit *test)
{
	struct trace_record rec;
	char text[256];

	KUNIT_EXPECT_EQ(test, trace_enable("sample_all"), 1);
	KUNIT_EXPECT_TRUE(test, trace_sample_all_enabled());
	trace_sample_all(3, 0x1000, "folio", 1, 7);
	trace_sample_all(-1, 0, NULL, 9, 0);
	KUNIT_ASSERT_TRUE(test, trace_next(0, &rec));
	KUNIT_EXPECT_STREQ(test, rec.comm, current->comm);
	KUNIT_EXPECT_EQ(test, rec.pid, current->pid);
	rec.call->print(rec.data, text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text,
			   "nid=3 addr=0x1000 tag=tag name=folio color=green flags=A|B|0x4\n");
	KUNIT_ASSERT_TRUE(test, trace_next(1, &rec));
	rec.call->print(rec.data, text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text,
			   "nid=-1 addr=0x0 tag=tag name=(null) color=0x9 flags=\n");
}

static void patterns_select_events_and_counts_are_per_event(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, trace_enable("sample_[se]*"), 2);
	trace_sample_start(1);
	trace_sample_start(2);
	trace_sample_end(3);
	trace_sample_all(0, 0, "", 0, 0);
	KUNIT_EXPECT_EQ(test, trace_count("sample_start"), 2);
	KUNIT_EXPECT_EQ(test, trace_count("sample_end"), 1);
	KUNIT_EXPECT_EQ(test, trace_count("sample_*"), 3);
	KUNIT_EXPECT_EQ(test, trace_disable("sample_start"), 1);
	trace_sample_start(4);
	KUNIT_EXPECT_EQ(test, trace_count("sample_start"), 2);
	KUNIT_EXPECT_EQ(test, trace_enable("no_such_event"), 0);
}

static void the_ring_keeps_the_newest_records_in_order(struct kunit *test)
{
	struct trace_record rec;
	u64 seq, expected = 10;

	trace_enable("sample_start");
	for (u64 i = 0; i < TRACE_RECORDS + 10; i++)
		trace_sample_start(i);
	for (seq = 0; trace_next(seq, &rec); seq = rec.seq + 1) {
		if (*(u64 *)rec.data != expected)
			KUNIT_FAIL(test, "record %llu holds %llu", expected, *(u64 *)rec.data);
		expected++;
	}
	KUNIT_EXPECT_EQ(test, expected, TRACE_RECORDS + 10);
}

static void the_ring_can_be_resized(struct kunit *test)
{
	struct trace_record rec;

	trace_enable("sample_start");
	trace_sample_start(1);
	KUNIT_EXPECT_EQ(test, trace_resize(0), -EINVAL);
	KUNIT_EXPECT_EQ(test, trace_resize(TRACE_RECORDS_MAX + 1), -EINVAL);
	KUNIT_EXPECT_TRUE(test, trace_next(0, &rec));
	KUNIT_ASSERT_EQ(test, trace_resize(3), 0);
	KUNIT_EXPECT_FALSE(test, trace_next(0, &rec));
	for (u64 i = 0; i < 3; i++)
		trace_sample_start(i);
	KUNIT_EXPECT_EQ(test, trace_lost(), 0);
	trace_sample_start(3);
	KUNIT_EXPECT_EQ(test, trace_lost(), 1);
	KUNIT_ASSERT_TRUE(test, trace_next(0, &rec));
	KUNIT_EXPECT_EQ(test, *(u64 *)rec.data, 1);
	KUNIT_EXPECT_EQ(test, trace_count("sample_start"), 5);
}

static void context_of(struct kunit *test, const char *expected)
{
	struct trace_record rec;
	u64 seq = 0;

	trace_sample_start(0);
	while (trace_next(seq, &rec))
		seq = rec.seq + 1;
	KUNIT_EXPECT_STREQ(test, rec.context, expected);
}

static void in_an_ipi(void *test)
{
	context_of(test, "d.h..");
}

/* The letters that ftrace prints between the CPU and the time. */
static void a_record_knows_irqs_bottom_halves_and_preemption(struct kunit *test)
{
	unsigned long flags;
	int cpu;

	trace_enable("sample_start");
	context_of(test, ".....");
	preempt_disable();
	context_of(test, "...1.");
	preempt_disable();
	context_of(test, "...2.");
	local_irq_save(flags);
	context_of(test, "d..2.");
	local_irq_restore(flags);
	preempt_enable();
	preempt_enable();
	local_bh_disable();
	context_of(test, "b....");
	local_irq_save(flags);
	context_of(test, "D....");
	local_irq_restore(flags);
	local_bh_enable();
	cpu = get_cpu();
	put_cpu();
	smp_call_function_single((cpu + 1) % nr_cpu_ids, in_an_ipi, test, 1);
}

static void fields_are_described(struct kunit *test)
{
	static const struct {
		const char *name;
		enum trace_field_kind kind;
		unsigned int size;
	} expected[] = {
		{ "nid", TRACE_FIELD_SIGNED, 4 },
		{ "addr", TRACE_FIELD_UNSIGNED, 8 },
		{ "tag", TRACE_FIELD_ARRAY, 4 },
		{ "name", TRACE_FIELD_STRING, TRACE_STRING_LEN },
		{ "color", TRACE_FIELD_UNSIGNED, 4 },
		{ "flags", TRACE_FIELD_UNSIGNED, 8 },
	};
	struct trace_record rec;
	int i;

	trace_enable("sample_all");
	trace_sample_all(5, 6, "x", 0, 0);
	KUNIT_ASSERT_TRUE(test, trace_next(0, &rec));
	KUNIT_EXPECT_STREQ(test, rec.call->system, "sample");
	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		KUNIT_EXPECT_STREQ(test, rec.call->fields[i].name, expected[i].name);
		KUNIT_EXPECT_EQ(test, rec.call->fields[i].kind, expected[i].kind);
		KUNIT_EXPECT_EQ(test, rec.call->fields[i].size, expected[i].size);
	}
	KUNIT_EXPECT_NULL(test, rec.call->fields[i].name);
	KUNIT_EXPECT_EQ(test, *(int *)(rec.data + rec.call->fields[0].offset), 5);
}

/* Relies on the case before, in whatever order: each boot begins with nothing. */
static void boot_forgets_what_was_enabled(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, trace_sample_all_enabled());
	KUNIT_EXPECT_EQ(test, trace_count("*"), 0);
}

static struct kunit_case tracepoint_cases[] = {
	KUNIT_CASE(a_disabled_event_records_nothing),
	KUNIT_CASE(a_record_prints_fields_strings_symbols_and_flags),
	KUNIT_CASE(patterns_select_events_and_counts_are_per_event),
	KUNIT_CASE(the_ring_keeps_the_newest_records_in_order),
	KUNIT_CASE(the_ring_can_be_resized),
	KUNIT_CASE(a_record_knows_irqs_bottom_halves_and_preemption),
	KUNIT_CASE(fields_are_described),
	KUNIT_CASE(boot_forgets_what_was_enabled),
	{}
};

static struct kunit_suite tracepoint_suite = {
	.name = "tracepoint",
	.test_cases = tracepoint_cases,
};
kunit_test_suite(tracepoint_suite);
