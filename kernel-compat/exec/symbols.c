// SPDX-License-Identifier: GPL-2.0
/*
 * Stacks and names: walks frame pointers; names come from the sanitizer's
 * symboliser when there is one, else from the symbol table of the executable
 * (which has static functions too), else from the dynamic one.
 */
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/sched.h>
#include <linux/stacktrace.h>
#include <machine/violation.h>
#include <exec/async.h>
#include <exec/sanitizers.h>
#include <exec/symbols.h>
#include <exec/vcpu.h>

extern void __sanitizer_symbolize_pc(void *pc, const char *fmt, char *out, size_t size)
	__attribute__((weak));
extern const char __executable_start[] __attribute__((weak));

#define ASYNC_STACK	(32UL << 10)

static const Elf64_Sym *symtab;
static unsigned long nr_syms;
static const char *strtab;
static unsigned long load_bias;

/* Map the executable and find its symbol table; once. */
static void load_symbols(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	const Elf64_Ehdr *eh;
	const Elf64_Shdr *sh;
	struct stat st;
	int i;

	if (fd < 0)
		return;
	if (fstat(fd, &st)) {
		close(fd);
		return;
	}
	eh = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (eh == MAP_FAILED)
		return;
	sh = (const void *)((const char *)eh + eh->e_shoff);
	for (i = 0; i < eh->e_shnum; i++)
		if (sh[i].sh_type == SHT_SYMTAB) {
			symtab = (const void *)((const char *)eh + sh[i].sh_offset);
			nr_syms = sh[i].sh_size / sizeof(*symtab);
			strtab = (const char *)eh + sh[sh[i].sh_link].sh_offset;
		}
	if (eh->e_type == ET_DYN)
		load_bias = (unsigned long)__executable_start;
}

static void load_symbols_once(void)
{
	static u32 loaded;

	if (!__atomic_exchange_n(&loaded, 1, __ATOMIC_SEQ_CST))
		load_symbols();
}

void exec_for_each_variable(void (*fn)(const char *name, unsigned long addr, size_t size,
				       void *arg), void *arg)
{
	load_symbols_once();
	for (unsigned long i = 0; i < nr_syms; i++)
		if (ELF64_ST_TYPE(symtab[i].st_info) == STT_OBJECT && symtab[i].st_size)
			fn(strtab + symtab[i].st_name, symtab[i].st_value + load_bias,
			   symtab[i].st_size, arg);
}

/* *@file: the source of a static function, or NULL. */
static const char *find_symbol(unsigned long ip, unsigned long *off, const char **file)
{
	unsigned long i;

	load_symbols_once();
	*file = NULL;
	for (i = 0; i < nr_syms; i++) {
		unsigned long start = symtab[i].st_value + load_bias;

		if (ELF64_ST_TYPE(symtab[i].st_info) == STT_FILE)
			*file = strtab + symtab[i].st_name;
		if (ELF64_ST_TYPE(symtab[i].st_info) != STT_FUNC || ip < start ||
		    ip >= start + symtab[i].st_size)
			continue;
		*off = ip - start;
		if (ELF64_ST_BIND(symtab[i].st_info) != STB_LOCAL)
			*file = NULL;
		return strtab + symtab[i].st_name;
	}
	return NULL;
}

const char *exec_function(unsigned long ip, unsigned long *offset, const char **file)
{
	const char *name = find_symbol(ip - 1, offset, file);

	++*offset;
	return name;
}

bool exec_has_function(const char *name, size_t len)
{
	unsigned long i, unused;
	const char *file;

	find_symbol(0, &unused, &file);	/* loads the table */
	for (i = 0; i < nr_syms; i++) {
		const char *sym = strtab + symtab[i].st_name;

		if (ELF64_ST_TYPE(symtab[i].st_info) == STT_FUNC &&
		    !strncmp(sym, name, len) && (!sym[len] || sym[len] == '.'))
			return true;
	}
	return false;
}

const char *exec_symbolize(unsigned long ip, char *buf, size_t size)
{
	unsigned long off;
	const char *name, *file;
	Dl_info info;

	/* A return address: the call is before it. */
	if (__sanitizer_symbolize_pc) {
		__sanitizer_symbolize_pc((void *)(ip - 1), "%f %S", buf, size);
		return buf;
	}
	name = find_symbol(ip - 1, &off, &file);
	if (name)
		snprintf(buf, size, "%s+%#lx", name, off + 1);
	else if (dladdr((void *)(ip - 1), &info) && info.dli_sname)
		snprintf(buf, size, "%s+%#lx", info.dli_sname, ip - (unsigned long)info.dli_saddr);
	else
		snprintf(buf, size, "%#lx", ip);
	return buf;
}

/*
 * Frame pointers, from @frame up: each must lie above the last and below the
 * stack's top, so that code without frame pointers only ends the walk.
 */
static __unsanitized unsigned int walk_of(const struct task_struct *p,
					  const unsigned long *frame, unsigned long *ips,
					  unsigned int nr, unsigned int skip)
{
	unsigned long top = p ? p->exec.stack_top : 0;
	unsigned int n = 0;

	/* Nobody's context, see exec/async.c; the chain of its frames ends. */
	if (exec_async && p == &init_task)
		top = (unsigned long)frame + ASYNC_STACK;

	while (n < nr && (unsigned long)(frame + 2) <= top && frame[1]) {
		const unsigned long *up = (const unsigned long *)frame[0];

		if (likely(!skip))
			ips[n++] = frame[1];
		else
			skip--;
		if (up <= frame || (unsigned long)up % sizeof(*up))
			break;
		frame = up;
	}
	return n;
}

static unsigned int walk(const unsigned long *frame, unsigned long *ips, unsigned int nr,
			 unsigned int skip)
{
	return walk_of(exec_base_task(), frame, ips, nr, skip);
}

unsigned int exec_stack_of(struct task_struct *p, unsigned long *ips, unsigned int nr)
{
	const void *frame;

	if (p == exec_base_task())
		return stack_save(ips, nr);
	if (!exec_engine->frame || !p->exec.ctx)
		return 0;
	frame = exec_engine->frame(p->exec.ctx);
	return frame ? walk_of(p, frame, ips, nr, 0) : 0;
}

__attribute__((__noinline__, no_sanitize("address", "thread")))
unsigned int stack_save(unsigned long *ips, unsigned int nr)
{
	unsigned int n = walk(__builtin_frame_address(0), ips, nr, 0);

	if (n < nr)
		ips[n] = 0;
	return n;
}

void stack_print(const unsigned long *ips, unsigned int nr)
{
	char line[512];
	unsigned int i;

	for (i = 0; i < nr && ips[i]; i++)
		fprintf(stderr, "  #%-2u %s\n", i, exec_symbolize(ips[i], line, sizeof(line)));
}

__attribute__((__noinline__))
unsigned int stack_trace_save(unsigned long *store, unsigned int size, unsigned int skipnr)
{
	return walk(__builtin_frame_address(0), store, size, skipnr);
}

void stack_trace_print(const unsigned long *trace, unsigned int nr_entries, int spaces)
{
	stack_print(trace, nr_entries);
}

bool object_is_on_stack(const void *obj)
{
	struct task_struct *p = exec_base_task();
	unsigned long here = (unsigned long)__builtin_frame_address(0);

	return (unsigned long)obj >= here && (unsigned long)obj < p->exec.stack_top;
}
