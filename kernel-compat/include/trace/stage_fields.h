/* SPDX-License-Identifier: GPL-2.0 */
/* own: stage 2 of define_trace.h, trace_fields_NAME[]. */
#undef __field
#undef __field_ext
#undef __field_struct
#undef __array
#undef __string
#undef DECLARE_EVENT_CLASS
#undef DEFINE_EVENT

#define __trace_field(_type, _item, _member, _kind)				\
	{ #_item, _type, offsetof(typeof(*__entry), _member),			\
	  sizeof(__entry->_member), _kind },
#define __field(type, item) __trace_field(#type, item, item, __trace_kind(type))
#define __field_ext(type, item, filter) __field(type, item)
#define __field_struct(type, item) __trace_field(#type, item, item, TRACE_FIELD_ARRAY)
#define __array(type, item, len) __trace_field(#type "[" #len "]", item, item, TRACE_FIELD_ARRAY)
#define __string(item, src) __trace_field("char[]", item, __string_##item, TRACE_FIELD_STRING)

/* The table is made by a function so that sizeof() may name the record as __entry. */
#define DECLARE_EVENT_CLASS(name, proto, args, tstruct, assign, print)		\
	static const struct trace_field *trace_fields_##name(void)		\
	{									\
		struct trace_raw_##name *__entry __maybe_unused;		\
		static const struct trace_field fields[] = { tstruct { NULL } };	\
										\
		return fields;							\
	}
#define DEFINE_EVENT(template, name, proto, args)
