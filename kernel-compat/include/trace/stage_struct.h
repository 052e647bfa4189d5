/* SPDX-License-Identifier: GPL-2.0 */
/* own: stage 1 of define_trace.h, struct trace_raw_NAME. */
#undef __field
#undef __field_ext
#undef __field_struct
#undef __array
#undef __string
#undef TP_STRUCT__entry
#undef TP_fast_assign
#undef TP_printk
#undef DECLARE_EVENT_CLASS
#undef DEFINE_EVENT

#define __field(type, item) type item;
#define __field_ext(type, item, filter) type item;
#define __field_struct(type, item) type item;
#define __array(type, item, len) type item[len];
#define __string(item, src) char __string_##item[TRACE_STRING_LEN];

#define TP_STRUCT__entry(args...) args
#define TP_fast_assign(args...) args
#define TP_printk(fmt, args...) fmt "\n", ##args

#define DECLARE_EVENT_CLASS(name, proto, args, tstruct, assign, print)		\
	struct trace_raw_##name {						\
		tstruct								\
		char __end[];							\
	};
#define DEFINE_EVENT(template, name, proto, args)
