/*
 * The container's log: one JSON object a line, as docker's json-file driver writes them, so that its readers read ours.
 * What was read is written before anything else happens to it, an unfinished line as well: a reader joins the parts.
 */
#include "monitor.h"

#include <linux/fcntl.h>
#include <linux/stat.h>
#include <linux/time_types.h>

#define CLOCK_REALTIME 0
#define LOG_MODE 0640
#define ENTRY_OVERHEAD 128
#define NUMBER_SIZE 24	/* a point, the digits of a number, and a NUL */

/* Room for the worst chunk: every byte as an escape of six. */
static char buffer[6 * CHUNK + 2 * ENTRY_OVERHEAD];
static size_t buffered;

static size_t put_padded(char *text, size_t size, size_t at, uint64_t value, int digits)
{
	uint64_t limit = 10;

	for (int i = 1; i < digits; i++, limit *= 10) {
		if (value < limit) {
			for (; i < digits; i++)
				at = put_text(text, size, at, "0");
			break;
		}
	}
	return put_number(text, size, at, value);
}

static size_t put_fraction(char *text, size_t size, size_t at, uint64_t nanoseconds)
{
	char digits[10] = "";

	for (int i = 8; i >= 0; i--) {
		digits[i] = (char)('0' + nanoseconds % 10);
		nanoseconds /= 10;
	}
	return put_text(text, size, at, digits);
}

/* RFC 3339 with nanoseconds, UTC. The calendar is Howard Hinnant's "days from civil", turned round. */
size_t put_time(char *text, size_t size, size_t at)
{
	struct __kernel_timespec now = { 0, 0 };
	uint64_t seconds, days, era, day_of_era, year_of_era, day_of_year, month;

	SYS(clock_gettime, CLOCK_REALTIME, &now);
	seconds = (uint64_t)now.tv_sec;
	days = seconds / 86400 + 719468;
	era = days / 146097;
	day_of_era = days % 146097;
	year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	month = (5 * day_of_year + 2) / 153;
	at = put_padded(text, size, at, year_of_era + era * 400 + (month >= 10), 4);
	at = put_padded(text, size, put_text(text, size, at, "-"), month < 10 ? month + 3 : month - 9, 2);
	at = put_padded(text, size, put_text(text, size, at, "-"), day_of_year - (153 * month + 2) / 5 + 1, 2);
	at = put_padded(text, size, put_text(text, size, at, "T"), seconds / 3600 % 24, 2);
	at = put_padded(text, size, put_text(text, size, at, ":"), seconds / 60 % 60, 2);
	at = put_padded(text, size, put_text(text, size, at, ":"), seconds % 60, 2);
	at = put_fraction(text, size, put_text(text, size, at, "."), (uint64_t)now.tv_nsec);
	return put_text(text, size, at, "Z");
}

/* The length of the UTF-8 character at the start, 0 where it is none, -1 where more bytes could make it one. */
static int character_length(const unsigned char *at, size_t length)
{
	int need = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : at[0] < 0xf5 ? 4 : 0;

	for (int i = 1; i < need; i++) {
		unsigned char low = 0x80, high = 0xbf;

		if ((size_t)i == length)
			return -1;
		if (i == 1) {
			low = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : 0x80;
			high = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : 0xbf;
		}
		if (at[i] < low || at[i] > high)
			return 0;
	}
	return need;
}

/* How many bytes at the end are the beginning of a character. */
size_t unfinished_character(const char *data, size_t length)
{
	for (size_t back = 1; back <= 3 && back <= length; back++) {
		const unsigned char *at = (const unsigned char *)data + length - back;

		if (*at < 0x80)
			return 0;
		if (*at >= 0xc0)
			return character_length(at, back) == -1 ? back : 0;
	}
	return 0;
}

static size_t put_escaped(size_t at, const char *data, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)data;

	for (size_t i = 0; i < length;) {
		int size = character_length(bytes + i, length - i);
		char code[] = "\\u00..";

		if (size <= 0) {
			at = put_text(buffer, sizeof(buffer), at, "\\ufffd");
			i++;
		} else if (size == 1 && (bytes[i] < 0x20 || bytes[i] == 0x7f)) {
			code[4] = (char)('0' + bytes[i] / 16);
			code[5] = "0123456789abcdef"[bytes[i] % 16];
			at = put_text(buffer, sizeof(buffer), at, bytes[i] == '\n' ? "\\n" :
				      bytes[i] == '\r' ? "\\r" : bytes[i] == '\t' ? "\\t" : code);
			i++;
		} else {
			if (bytes[i] == '"' || bytes[i] == '\\')
				buffer[at++] = '\\';
			while (size-- > 0)
				buffer[at++] = data[i++];
		}
	}
	return at;
}

static void put_entry(int stream, const char *data, size_t length)
{
	size_t at = put_text(buffer, sizeof(buffer), buffered, "{\"log\":\"");

	at = put_escaped(at, data, length);
	at = put_text(buffer, sizeof(buffer), at, "\",\"stream\":\"");
	at = put_text(buffer, sizeof(buffer), at, stream == STREAM_OUT ? "stdout" : "stderr");
	at = put_text(buffer, sizeof(buffer), at, "\",\"time\":\"");
	at = put_time(buffer, sizeof(buffer), at);
	buffered = put_text(buffer, sizeof(buffer), at, "\"}\n");
}

static void numbered(char *path, size_t size, const char *base, uint64_t number)
{
	size_t at = put_text(path, size, 0, base);

	if (number > 0) {
		at = put_text(path, size, at, ".");
		put_number(path, size, at, number);
	}
}

/* LOG becomes LOG.1, that LOG.2, and so on; the oldest one is overwritten. */
static void rotate(struct monitor *m)
{
	/* No more than it takes: the stack's pages stay. */
	size_t size = strlen(m->log_path) + NUMBER_SIZE;
	char from[size], to[size];

	SYS(close, m->log_fd);
	m->log_fd = -1;
	for (uint64_t i = m->log_max_files - 1; i > 0; i--) {
		numbered(from, size, m->log_path, i - 1);
		numbered(to, size, m->log_path, i);
		SYS(renameat, AT_FDCWD, from, AT_FDCWD, to);
	}
	if (m->log_max_files == 1)
		SYS(unlinkat, AT_FDCWD, m->log_path, 0);
}

static void open_log(struct monitor *m)
{
	struct statx info;
	long fd = SYS(openat, AT_FDCWD, m->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, LOG_MODE);

	m->log_fd = fd < 0 ? -1 : (int)fd;
	m->log_size = 0;
	if (fd >= 0 && SYS(statx, fd, "", AT_EMPTY_PATH, STATX_SIZE, &info) == 0)
		m->log_size = info.stx_size;
}

/* Takes back what was written beyond a size. */
void cut_log(struct monitor *m, uint64_t size)
{
	if (m->log_fd < 0)
		open_log(m);
	if (m->log_fd < 0 || m->log_size <= size)
		return;
	(void)SYS(ftruncate, m->log_fd, size);
	m->log_size = size;
}

/* A full disk loses lines, whole ones, and stops no container. `done` is how much of the chunk is logged then. */
static void write_buffer(struct monitor *m, size_t done)
{
	if (m->log_max_bytes > 0 && m->log_fd >= 0 && m->log_size > 0 && m->log_size + buffered > m->log_max_bytes)
		rotate(m);
	if (m->log_fd < 0)
		open_log(m);
	if (m->log_fd >= 0) {
		note_logged(m, noted_done(m), m->log_size);
		if (write_all(m->log_fd, buffer, buffered) < 0)
			(void)SYS(ftruncate, m->log_fd, m->log_size);
		else
			m->log_size += buffered;
		note_logged(m, done, m->log_size);
	}
	buffered = 0;
}

void log_chunk(struct monitor *m, int stream, size_t from, size_t to)
{
	const char *data = m->streams[stream].data;
	size_t start = from;

	if (m->log_path == NULL)
		return;
	for (size_t i = from; i < to; i++) {
		if (data[i] != '\n' && i + 1 < to)
			continue;
		if (buffered + 6 * (i + 1 - start) + ENTRY_OVERHEAD > sizeof(buffer))
			write_buffer(m, start);
		put_entry(stream, data + start, i + 1 - start);
		start = i + 1;
	}
	if (buffered > 0)
		write_buffer(m, to);
}
