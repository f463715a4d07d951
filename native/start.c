/*
 * The entry point of a program without libc, and the functions that compilers call for copies and comparisons of
 * their own. Source: System V ABI, "Process Initialization": argc, argv, NULL, envp, NULL lie on the stack.
 */
#include "sys.h"

/* Keeps the compiler from recognising a loop as memcpy and compiling it into a call of itself. */
#define KEEP_LOOP() __asm__ volatile("" ::: "memory")

#if defined(__x86_64__)
__asm__(".text\n"
	".global _start\n"
	".type _start, @function\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call start_with\n"
	"	hlt\n");
#elif defined(__aarch64__)
__asm__(".text\n"
	".global _start\n"
	".type _start, @function\n"
	"_start:\n"
	"	mov x29, #0\n"
	"	mov x30, #0\n"
	"	mov x0, sp\n"
	"	and sp, x0, #-16\n"
	"	bl start_with\n"
	"	brk #1\n");
#endif

_Noreturn void start_with(const long *stack);

void start_with(const long *stack)
{
	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1);

	SYS(exit_group, main(argc, argv, argv + argc + 1));
	__builtin_unreachable();
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	return memmove(to, from, size);
}

void *memmove(void *to, const void *from, size_t size)
{
	char *target = to;
	const char *source = from;

	if ((uintptr_t)target - (uintptr_t)source >= size) {
		for (size_t i = 0; i < size; i++) {
			target[i] = source[i];
			KEEP_LOOP();
		}
	} else {
		while (size-- > 0) {
			target[size] = source[size];
			KEEP_LOOP();
		}
	}
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	char *target = to;

	for (size_t i = 0; i < size; i++) {
		target[i] = (char)byte;
		KEEP_LOOP();
	}
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const unsigned char *left = a;
	const unsigned char *right = b;

	for (size_t i = 0; i < size; i++) {
		if (left[i] != right[i])
			return left[i] - right[i];
	}
	return 0;
}

size_t strlen(const char *text)
{
	size_t length = 0;

	while (text[length] != '\0') {
		length++;
		KEEP_LOOP();
	}
	return length;
}
