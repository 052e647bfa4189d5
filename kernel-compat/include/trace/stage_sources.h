/* SPDX-License-Identifier: GPL-2.0 */
/*
 * own: stage 3 of define_trace.h, trace_assign_NAME() fills a record in.
 *
 * __string(item, src) becomes a local variable with the source, which
 * __assign_str(item) copies.
 */
#undef __field
#undef __field_ext
#undef __field_struct
#undef __array
#undef __string
#undef __assign_str
#undef __get_str
#undef DECLARE_EVENT_CLASS
#undef DEFINE_EVENT

#define __field(type, item)
#define __field_ext(type, item, filter)
#define __field_struct(type, item)
#define __array(type, item, len)
#define __string(item, src) const char *__src_##item __maybe_unused = (src);
#define __assign_str(item) \
	strscpy(__entry->__string_##item, __src_##item ?: "(null)", TRACE_STRING_LEN)
#define __get_str(item) (__entry->__string_##item)

#define DECLARE_EVENT_CLASS(name, proto, args, tstruct, assign, print)		\
	static noinline void trace_assign_##name(struct trace_raw_##name *__entry, proto) \
	{									\
		tstruct								\
		{ assign; }							\
	}
#define DEFINE_EVENT(template, name, proto, args)
