/* What /proc tells of a process. */
#include "proc_stat.h"

#include "ctx.h"

#include <linux/fcntl.h>

int read_start_time_of(int pid, uint64_t *ticks)
{
	return read_stat_field(pid, 22, ticks);
}

/* Fields from the third on are behind the name, which may hold anything. */
int read_stat_field(int pid, int wanted, uint64_t *value)
{
	char path[64], text[1024];
	size_t at = put_text(path, sizeof(path), 0, "/proc/");
	int end, field = 2;

	at = put_number(path, sizeof(path), at, (uint64_t)pid);
	put_text(path, sizeof(path), at, "/stat");
	end = read_small(AT_FDCWD, path, text, sizeof(text));
	if (end <= 0)
		return end < 0 ? end : -ESRCH;
	while (end > 0 && text[end] != ')')
		end--;
	for (; text[end] && field < wanted; end++)
		field += text[end] == ' ';
	return parse_decimal(text + end, value);
}
