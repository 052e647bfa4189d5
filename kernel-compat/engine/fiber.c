// SPDX-License-Identifier: GPL-2.0
/*
 * Switching between fibers.
 *
 * What the System V ABI says a callee preserves is on the stack of a fiber that does not
 * run: rbp, rbx, r12 to r15, and where to go on. The floating point control words are
 * the same everywhere, and not switched.
 *
 * Not instrumented by TSan: its shadow stack changes with the fiber, in the middle.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <valgrind/valgrind.h>

#include <engine/fiber.h>
#include <exec/sanitizers.h>
#include <exec/snapshot.h>

#define STACK_BYTES	(512UL << 10)
#define GUARD_BYTES	4096UL

#define MAX_FIBERS	4096

/* Stacks there are; a machine that is restored has fewer fibers, and takes them again. */
static struct fiber *stacks __kept;
static unsigned int nr_stacks __kept;
static struct fiber *fibers[MAX_FIBERS];
static unsigned int nr_fibers;

/* A switch orders nothing. */
#define TSAN_NO_SYNC	1u

/* Save the callee's registers here, take them from there. */
void fiber_swap(void **save_sp, void *sp);
__asm__(
"	.text\n"
"	.globl	fiber_swap\n"
"	.type	fiber_swap, @function\n"
"fiber_swap:\n"
"	pushq	%rbp\n"
"	pushq	%rbx\n"
"	pushq	%r12\n"
"	pushq	%r13\n"
"	pushq	%r14\n"
"	pushq	%r15\n"
"	movq	%rsp, (%rdi)\n"
"	movq	%rsi, %rsp\n"
"	popq	%r15\n"
"	popq	%r14\n"
"	popq	%r13\n"
"	popq	%r12\n"
"	popq	%rbx\n"
"	popq	%rbp\n"
"	ret\n"
"	.size	fiber_swap, . - fiber_swap\n"
/* The first switch returns to here: r15 is the entry, and no frame lies above. */
"	.globl	fiber_begin\n"
"	.type	fiber_begin, @function\n"
"fiber_begin:\n"
"	xorl	%ebp, %ebp\n"
"	movq	%r15, %rdi\n"
"	call	fiber_main\n"
"	ud2\n"
"	.size	fiber_begin, . - fiber_begin\n");
void fiber_begin(void);

void fiber_main(void (*entry)(void));
void fiber_main(void (*entry)(void))
{
	__sanitizer_finish_switch_fiber(NULL, NULL, NULL);
	entry();
}

void fiber_adopt(struct fiber *f)
{
	pthread_attr_t attr;

	*f = (struct fiber){ .tsan = __tsan_get_current_fiber() };
	if (pthread_getattr_np(pthread_self(), &attr))
		return;
	pthread_attr_getstack(&attr, &f->stack, &f->size);
	pthread_attr_destroy(&attr);
}

/* Host memory with a guard below it; what sanitizers and valgrind call it. */
static bool make_stack(struct fiber *f)
{
	char *mem = mmap(NULL, GUARD_BYTES + STACK_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

	if (mem == MAP_FAILED)
		return false;
	mprotect(mem, GUARD_BYTES, PROT_NONE);
	*f = (struct fiber){ .stack = mem + GUARD_BYTES, .size = STACK_BYTES };
	f->tsan = __tsan_create_fiber(0);
	f->valgrind_id = VALGRIND_STACK_REGISTER(f->stack, (char *)f->stack + f->size);
	return true;
}

bool fiber_create(struct fiber *f, void (*entry)(void))
{
	void **top;

	if (!stacks)
		stacks = calloc(MAX_FIBERS, sizeof(*stacks));
	if (!stacks || nr_fibers == MAX_FIBERS)
		return false;
	if (nr_fibers == nr_stacks && !make_stack(&stacks[nr_stacks]))
		return false;
	if (nr_fibers == nr_stacks)
		nr_stacks++;
	*f = stacks[nr_fibers];
	fibers[nr_fibers++] = f;
	/* As fiber_swap() left it: six registers, of which r15 is the entry; whereto. */
	top = (void **)((char *)f->stack + f->size) - 2;
	*--top = (void *)fiber_begin;
	top -= 6;
	top[0] = (void *)entry;
	f->sp = top;
	return true;
}

void fiber_for_each(void (*fn)(struct fiber *f, void *arg), void *arg)
{
	for (unsigned int i = 0; i < nr_fibers; i++)
		fn(fibers[i], arg);
}

void fiber_switch(struct fiber *from, struct fiber *to)
{
	__sanitizer_start_switch_fiber(&from->fake_stack, to->stack, to->size);
	__tsan_switch_to_fiber(to->tsan, TSAN_NO_SYNC);
	fiber_swap(&from->sp, to->sp);
	__sanitizer_finish_switch_fiber(from->fake_stack, NULL, NULL);
}
