/*
 * What this process has mapped of its program's file: most of what the engine takes. Pages that are given back are read
 * again, from memory as a rule, where they are needed after all; so nothing depends on which ones those are.
 * Source: madvise(2), dl_iterate_phdr(3), whose first object is the program.
 */
#define _GNU_SOURCE
#include "addon.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

static int give_back(struct dl_phdr_info *program, size_t size, void *data)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	ElfW(Word) excluded = *(const int *)data ? PF_W : PF_W | PF_X;

	(void)size;
	for (ElfW(Half) i = 0; i < program->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &program->dlpi_phdr[i];
		uintptr_t start = (program->dlpi_addr + segment->p_vaddr + page - 1) & ~(page - 1);
		uintptr_t end = (program->dlpi_addr + segment->p_vaddr + segment->p_filesz) & ~(page - 1);

		/* What can be written to may have been: it would be lost. */
		if (segment->p_type == PT_LOAD && !(segment->p_flags & excluded) && start < end)
			(void)madvise((void *)start, end - start, MADV_DONTNEED);
	}
	return 1;
}

napi_value addon_giveBackProgram(struct call *call)
{
	int with_code = bool_argument(call, 0);

	(void)dl_iterate_phdr(give_back, &with_code);
	return NULL;
}
