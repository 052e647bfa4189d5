/* SPDX-License-Identifier: GPL-2.0 */
/* own: stage 4 of define_trace.h, printing and the trace points. */
#undef __field
#undef __field_ext
#undef __field_struct
#undef __array
#undef __string
#undef __print_symbolic
#undef __print_flags
#undef __print_hex
#undef DECLARE_EVENT_CLASS
#undef DEFINE_EVENT

#define __print_symbolic(value, symbols...) ({					\
	static const struct trace_print_flags __symbols[] = { symbols, { -1, NULL } }; \
	trace_print_symbols(__p, value, __symbols); })
#define __print_flags(flags, delim, names...) ({				\
	static const struct trace_print_flags __names[] = { names, { -1, NULL } }; \
	trace_print_flags(__p, delim, flags, __names); })

#define DECLARE_EVENT_CLASS(name, proto, args, tstruct, assign, print)		\
	static int trace_print_##name(const void *record, char *buf, size_t size) \
	{									\
		const struct trace_raw_##name *__entry __maybe_unused = record;	\
		struct trace_seq __seq = { .used = 0 };				\
		struct trace_seq *__p __maybe_unused = &__seq;			\
										\
		return scnprintf(buf, size, print);				\
	}

#define DEFINE_EVENT(template, _name, proto, args)				\
	static struct trace_event_call trace_call_##_name = {			\
		.system = __stringify(TRACE_SYSTEM),				\
		.name = #_name,							\
		.size = sizeof(struct trace_raw_##template),			\
		.print = trace_print_##template,				\
	};									\
	struct tracepoint __tracepoint_##_name = {				\
		.name = #_name, .call = &trace_call_##_name,			\
	};									\
	__attribute__((constructor)) static void trace_register_##_name(void)	\
	{									\
		trace_call_##_name.fields = trace_fields_##template();		\
		trace_register(&__tracepoint_##_name);				\
	}									\
	void __trace_do_##_name(proto)						\
	{									\
		struct trace_raw_##template record = {};			\
										\
		trace_assign_##template(&record, args);				\
		trace_commit(&__tracepoint_##_name, &record, sizeof(record));	\
	}
