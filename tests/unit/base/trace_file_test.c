// SPDX-License-Identifier: GPL-2.0
/*
 * Trace files, read back: the text by what ftrace's parsers take for an event, the
 * JSON by json-c.
 */
#include <json-c/json.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <kunit/test.h>
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <machine/machine.h>
#include <machine/trace.h>
#include <machine/trace_file.h>

#define CREATE_TRACE_POINTS
#include "trace/sample.h"

/* comm-pid [cpu] flags seconds.microseconds: event: text */
#define TEXT_EVENT "^ *(.{1,16})-([0-9]+) +\\[([0-9]{3,})\\] " \
	"([.dbD][.Nnp][.hHszZ][.0-9a-f][.0-9a-f]) +([0-9]+\\.[0-9]{6}): ([a-z_]+): (.*)$"

static const struct trace_counter counters[] = {
	{ "sample_all", "seen", "nid", NULL },
	{ "sample_all", "amount", "nid", "flags" },
	{ "sample_all", "nothing", "no_such_field", NULL },
	{ }
};

/* A file of the host that is gone after the test. */
struct scratch {
	char name[sizeof(P_tmpdir) + 24];
	struct trace_file *tf;
};

static void scratch_open(struct kunit *test, struct scratch *s, enum trace_format format)
{
	int fd;

	strcpy(s->name, P_tmpdir "/trace-test-XXXXXX");
	fd = mkstemp(s->name);
	KUNIT_ASSERT_GE(test, fd, 0);
	close(fd);
	s->tf = trace_file_open(s->name, format, counters);
	KUNIT_ASSERT_FALSE(test, IS_ERR(s->tf));
}

/* Close the file; its contents, which the caller frees. */
static char *scratch_close(struct kunit *test, struct scratch *s)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f;

	KUNIT_EXPECT_EQ(test, trace_file_close(s->tf), 0);
	f = fopen(s->name, "r");
	KUNIT_ASSERT_NOT_NULL(test, f);
	KUNIT_EXPECT_GT(test, getdelim(&text, &len, 0, f), 0);
	fclose(f);
	unlink(s->name);
	return text;
}

/* One line that matched TEXT_EVENT. */
struct text_event {
	char comm[32], pid[16], cpu[16], context[8], event[64], text[256];
	double seconds;
};

/*
 * The next event of a text, or false at its end. Lines that begin with # are comments;
 * any other must be an event.
 */
static bool next_event(struct kunit *test, char **text, struct text_event *e)
{
	char *part[] = { NULL, e->comm, e->pid, e->cpu, e->context, NULL, e->event, e->text };
	size_t room[] = { 0, sizeof(e->comm), sizeof(e->pid), sizeof(e->cpu),
			  sizeof(e->context), 0, sizeof(e->event), sizeof(e->text) };
	regmatch_t m[8];
	regex_t re;
	char *line;

	do {
		line = strsep(text, "\n");
		if (!line || !*line)
			return false;
	} while (*line == '#');
	KUNIT_ASSERT_EQ(test, regcomp(&re, TEXT_EVENT, REG_EXTENDED), 0);
	KUNIT_ASSERT_EQ_MSG(test, regexec(&re, line, ARRAY_SIZE(m), m, 0), 0,
			    "not an event: \"%s\"", line);
	regfree(&re);
	for (int i = 1; i < ARRAY_SIZE(m); i++)
		if (part[i])
			snprintf(part[i], room[i], "%.*s", (int)(m[i].rm_eo - m[i].rm_so),
				 line + m[i].rm_so);
	e->seconds = atof(line + m[5].rm_so);
	return true;
}

static void text_is_what_parsers_of_ftrace_read(struct kunit *test)
{
	struct text_event e;
	struct scratch s;
	char *text, *at;
	double before;

	trace_enable("sample_*");
	before = ktime_get_ns() / 1e9;
	trace_sample_all(3, 0x1000, "folio", 1, 7);
	preempt_disable();
	trace_sample_start(17);
	preempt_enable();
	scratch_open(test, &s, TRACE_FORMAT_TEXT);
	KUNIT_EXPECT_EQ(test, trace_file_add(s.tf, "a title"), 0);
	at = text = scratch_close(test, &s);

	KUNIT_EXPECT_EQ(test, strncmp(text, "# tracer: nop\n#\n", 16), 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "\n# a title\n"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "\n# entries-in-buffer/entries-written: "
					   "2/2   #P:8\n#\n#    "));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "\n#           TASK-PID     CPU#  |||||"
					   "  TIMESTAMP  FUNCTION\n"));

	KUNIT_ASSERT_TRUE(test, next_event(test, &at, &e));
	KUNIT_EXPECT_STREQ(test, e.comm, current->comm);
	KUNIT_EXPECT_EQ(test, atoi(e.pid), current->pid);
	KUNIT_EXPECT_EQ(test, atoi(e.cpu), raw_smp_processor_id());
	KUNIT_EXPECT_STREQ(test, e.context, ".....");
	KUNIT_EXPECT_TRUE(test, e.seconds >= before - 1e-6 && e.seconds < before + 1);
	KUNIT_EXPECT_STREQ(test, e.event, "sample_all");
	KUNIT_EXPECT_STREQ(test, e.text,
			   "nid=3 addr=0x1000 tag=tag name=folio color=green flags=A|B|0x4");
	KUNIT_ASSERT_TRUE(test, next_event(test, &at, &e));
	KUNIT_EXPECT_STREQ(test, e.context, "...1.");
	KUNIT_EXPECT_STREQ(test, e.event, "sample_start");
	KUNIT_EXPECT_STREQ(test, e.text, "n=17");
	KUNIT_EXPECT_FALSE(test, next_event(test, &at, &e));
	free(text);
}

static void lost_events_are_in_the_heading(struct kunit *test)
{
	struct scratch s;
	char *text;

	KUNIT_ASSERT_EQ(test, trace_resize(4), 0);
	trace_enable("sample_start");
	for (u64 i = 0; i < 10; i++)
		trace_sample_start(i);
	scratch_open(test, &s, TRACE_FORMAT_TEXT);
	KUNIT_EXPECT_EQ(test, trace_file_add(s.tf, "lost"), 0);
	text = scratch_close(test, &s);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "entries-in-buffer/entries-written: 4/10 "));
	KUNIT_EXPECT_NULL(test, strstr(text, ": n=5\n"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, ": n=6\n"));
	free(text);
}

static void machines_follow_each_other_in_time(struct kunit *test)
{
	struct text_event e[2];
	struct scratch s;
	char *text, *at;

	trace_enable("sample_start");
	trace_sample_start(1);
	scratch_open(test, &s, TRACE_FORMAT_TEXT);
	KUNIT_EXPECT_EQ(test, trace_file_add(s.tf, "first"), 0);
	KUNIT_EXPECT_EQ(test, trace_file_add(s.tf, "second"), 0);
	at = text = scratch_close(test, &s);
	KUNIT_ASSERT_TRUE(test, next_event(test, &at, &e[0]));
	KUNIT_ASSERT_TRUE(test, next_event(test, &at, &e[1]));
	KUNIT_EXPECT_STREQ(test, e[0].text, e[1].text);
	KUNIT_EXPECT_TRUE(test, e[1].seconds >= e[0].seconds + 1);
	KUNIT_EXPECT_FALSE(test, next_event(test, &at, &e[0]));
	free(text);
}

static const char *string_of(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_string(v) : "";
}

static s64 number_of(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_int64(v) : -1;
}

/* The @nth event of a kind and name on a track (@tid < 0: any), or NULL. */
static struct json_object *find_event(struct json_object *doc, const char *ph,
				      const char *name, int pid, int tid, int nth)
{
	struct json_object *all;

	if (!json_object_object_get_ex(doc, "traceEvents", &all))
		return NULL;
	for (size_t i = 0; i < json_object_array_length(all); i++) {
		struct json_object *e = json_object_array_get_idx(all, i);

		if (strcmp(string_of(e, "ph"), ph) || strcmp(string_of(e, "name"), name) ||
		    number_of(e, "pid") != pid || (tid >= 0 && number_of(e, "tid") != tid))
			continue;
		if (!nth--)
			return e;
	}
	return NULL;
}

static struct json_object *args_of(struct kunit *test, struct json_object *event)
{
	struct json_object *args;

	KUNIT_ASSERT_NOT_NULL(test, event);
	KUNIT_ASSERT_TRUE(test, json_object_object_get_ex(event, "args", &args));
	return args;
}

static struct json_object *parse(struct kunit *test, char *text)
{
	struct json_object *doc = json_tokener_parse(text);

	/* How viewers tell the format. */
	KUNIT_EXPECT_EQ(test, strncmp(text, "{\"traceEvents\":[", 16), 0);
	KUNIT_ASSERT_NOT_NULL_MSG(test, doc, "not JSON: %.200s", text);
	free(text);
	return doc;
}

static void json_has_a_track_for_each_cpu_and_each_task(struct kunit *test)
{
	int cpu = raw_smp_processor_id();
	struct json_object *doc, *e;
	struct scratch s;
	char name[32];

	trace_enable("sample_*");
	trace_sample_all(2, 0xffff800000001000, "quote\"back\\slash\n\xff", 1, 7);
	scratch_open(test, &s, TRACE_FORMAT_JSON);
	KUNIT_EXPECT_EQ(test, trace_file_add(s.tf, "a title"), 0);
	doc = parse(test, scratch_close(test, &s));

	e = args_of(test, find_event(doc, "M", "process_name", 1, 0, 0));
	KUNIT_EXPECT_STREQ(test, string_of(e, "name"), "a title: CPUs");
	e = args_of(test, find_event(doc, "M", "process_name", 2, 0, 0));
	KUNIT_EXPECT_STREQ(test, string_of(e, "name"), "a title: tasks");
	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "CPU %d", i);
		e = args_of(test, find_event(doc, "M", "thread_name", 1, i + 1, 0));
		KUNIT_EXPECT_STREQ(test, string_of(e, "name"), name);
	}
	e = args_of(test, find_event(doc, "M", "thread_name", 2, current->pid + 1, 0));
	snprintf(name, sizeof(name), "%s-%d", current->comm, current->pid);
	KUNIT_EXPECT_STREQ(test, string_of(e, "name"), name);
	KUNIT_EXPECT_NULL(test, find_event(doc, "M", "thread_name", 2, -1, 1));

	e = find_event(doc, "i", "sample_all", 1, cpu + 1, 0);
	KUNIT_EXPECT_EQ(test, number_of(args_of(test, e), "task"), current->pid);
	KUNIT_EXPECT_STREQ(test, string_of(e, "cat"), "sample");
	KUNIT_EXPECT_STREQ(test, string_of(e, "s"), "t");
	e = args_of(test, find_event(doc, "i", "sample_all", 2, current->pid + 1, 0));
	KUNIT_EXPECT_EQ(test, number_of(e, "cpu"), cpu);
	KUNIT_EXPECT_EQ(test, number_of(e, "nid"), 2);
	KUNIT_EXPECT_STREQ(test, string_of(e, "addr"), "0xffff800000001000");
	KUNIT_EXPECT_STREQ(test, string_of(e, "tag"), "tag");
	KUNIT_EXPECT_STREQ(test, string_of(e, "name"), "quote\"back\\slash\n\xc3\xbf");
	KUNIT_EXPECT_NOT_NULL(test, strstr(string_of(e, "text"), "color=green flags=A|B|0x4"));
	json_object_put(doc);
}

static void counters_sum_up_by_node(struct kunit *test)
{
	struct json_object *doc, *e;
	struct scratch s;

	trace_enable("sample_*");
	trace_sample_all(1, 0, "", 0, 10);
	trace_sample_all(0, 0, "", 0, 5);
	trace_sample_all(1, 0, "", 0, 20);
	trace_sample_all(-1, 0, "", 0, 1);	/* no node */
	trace_sample_all(1000, 0, "", 0, 1);
	scratch_open(test, &s, TRACE_FORMAT_JSON);
	KUNIT_EXPECT_EQ(test, trace_file_add(s.tf, "counters"), 0);
	doc = parse(test, scratch_close(test, &s));
	e = args_of(test, find_event(doc, "C", "node 1: seen", 1, 0, 1));
	KUNIT_EXPECT_EQ(test, number_of(e, "pages"), 2);
	e = args_of(test, find_event(doc, "C", "node 1: amount", 1, 0, 1));
	KUNIT_EXPECT_EQ(test, number_of(e, "pages"), 30);
	e = args_of(test, find_event(doc, "C", "node 0: amount", 1, 0, 0));
	KUNIT_EXPECT_EQ(test, number_of(e, "pages"), 5);
	KUNIT_EXPECT_NULL(test, find_event(doc, "C", "node 1: seen", 1, 0, 2));
	KUNIT_EXPECT_NULL(test, find_event(doc, "C", "node 1000: seen", 1, 0, 0));
	KUNIT_EXPECT_NULL(test, find_event(doc, "C", "node 1: nothing", 1, 0, 0));
	json_object_put(doc);
}

static void json_tells_what_was_lost_and_takes_several_machines(struct kunit *test)
{
	struct json_object *doc, *other;
	struct scratch s;

	KUNIT_ASSERT_EQ(test, trace_resize(4), 0);
	trace_enable("sample_start");
	for (u64 i = 0; i < 10; i++)
		trace_sample_start(i);
	scratch_open(test, &s, TRACE_FORMAT_JSON);
	KUNIT_EXPECT_EQ(test, trace_file_add(s.tf, "one"), 0);
	KUNIT_EXPECT_EQ(test, trace_file_add(s.tf, "two"), 0);
	doc = parse(test, scratch_close(test, &s));
	KUNIT_ASSERT_TRUE(test, json_object_object_get_ex(doc, "otherData", &other));
	KUNIT_EXPECT_STREQ(test, string_of(other, "machines"), "2");
	KUNIT_EXPECT_STREQ(test, string_of(other, "lost"), "12");
	KUNIT_EXPECT_NOT_NULL(test, find_event(doc, "i", "LOST 6 EVENTS", 1, -1, 0));
	KUNIT_EXPECT_NOT_NULL(test, find_event(doc, "i", "LOST 6 EVENTS", 3, -1, 0));
	KUNIT_EXPECT_NOT_NULL(test, find_event(doc, "i", "sample_start", 4, -1, 3));
	KUNIT_EXPECT_NULL(test, find_event(doc, "i", "sample_start", 4, -1, 4));
	json_object_put(doc);
}

static void a_file_without_records_is_complete(struct kunit *test)
{
	struct scratch s;
	char *text;

	scratch_open(test, &s, TRACE_FORMAT_JSON);
	KUNIT_EXPECT_EQ(test, trace_file_add(s.tf, "nothing"), 0);
	json_object_put(parse(test, scratch_close(test, &s)));
	scratch_open(test, &s, TRACE_FORMAT_JSON);
	json_object_put(parse(test, scratch_close(test, &s)));
	scratch_open(test, &s, TRACE_FORMAT_TEXT);
	KUNIT_EXPECT_EQ(test, trace_file_add(s.tf, "nothing"), 0);
	text = scratch_close(test, &s);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "entries-written: 0/0 "));
	free(text);
}

static void errors_of_opening_writing_and_closing_are_reported(struct kunit *test)
{
	enum trace_format format;
	struct trace_file *tf;

	KUNIT_EXPECT_EQ(test, PTR_ERR(trace_file_open("/nonexistent/x", TRACE_FORMAT_TEXT,
						      NULL)), -ENOENT);
	trace_enable("sample_start");
	trace_sample_start(1);
	for (format = TRACE_FORMAT_TEXT; format <= TRACE_FORMAT_JSON; format++) {
		/* What is still in the buffer is written when the ring was, or at the end. */
		tf = trace_file_open("/dev/full", format, NULL);
		KUNIT_ASSERT_FALSE(test, IS_ERR(tf));
		KUNIT_EXPECT_EQ(test, trace_file_add(tf, "full"), -ENOSPC);
		KUNIT_EXPECT_EQ(test, trace_file_add(tf, "full"), -ENOSPC);
		KUNIT_EXPECT_EQ(test, trace_file_close(tf), -ENOSPC);
	}
	tf = trace_file_open("/dev/full", TRACE_FORMAT_JSON, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(tf));
	KUNIT_EXPECT_EQ(test, trace_file_close(tf), -ENOSPC);
	/* More than the buffer holds: writing itself fails. */
	for (u64 i = 0; i < TRACE_RECORDS; i++)
		trace_sample_start(i);
	tf = trace_file_open("/dev/full", TRACE_FORMAT_TEXT, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(tf));
	KUNIT_EXPECT_EQ(test, trace_file_add(tf, "full"), -ENOSPC);
	KUNIT_EXPECT_EQ(test, trace_file_close(tf), -ENOSPC);
}

static struct kunit_case trace_file_cases[] = {
	KUNIT_CASE(text_is_what_parsers_of_ftrace_read),
	KUNIT_CASE(lost_events_are_in_the_heading),
	KUNIT_CASE(machines_follow_each_other_in_time),
	KUNIT_CASE(json_has_a_track_for_each_cpu_and_each_task),
	KUNIT_CASE(counters_sum_up_by_node),
	KUNIT_CASE(json_tells_what_was_lost_and_takes_several_machines),
	KUNIT_CASE(a_file_without_records_is_complete),
	KUNIT_CASE(errors_of_opening_writing_and_closing_are_reported),
	{}
};

static struct kunit_suite trace_file_suite = {
	.name = "trace-file",
	.test_cases = trace_file_cases,
};
kunit_test_suite(trace_file_suite);
