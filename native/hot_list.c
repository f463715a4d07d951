/* `list` as a table: src/runtime/list.ts, src/cli/output.ts. */
#include "hot.h"

#include <linux/fcntl.h>

#define PROT_READ_WRITE 3
#define MAP_PRIVATE_ANONYMOUS 0x22
#define MAX_CONTAINERS 4096
#define TEXTS_SIZE (1 << 20)
#define MIN_WIDTH 12
#define GAP 3

enum { COLUMN_ID, COLUMN_PID, COLUMN_STATUS, COLUMN_BUNDLE, COLUMN_CREATED, COLUMN_OWNER, COLUMNS };

struct row {
	struct span cells[COLUMNS];
	char pid[24];
};

struct directory_entry {
	uint64_t inode, offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

/* What the cells point to. */
static char texts[TEXTS_SIZE];
static size_t texts_length;
static const char *ids[MAX_CONTAINERS];

static struct span span_of(const char *text)
{
	return (struct span){ text, text + strlen(text) };
}

/* A copy that ends with a NUL, or NULL where there is no room for it. */
static const char *keep(struct span text)
{
	size_t length = (size_t)(text.end - text.at);
	char *copy = texts + texts_length;

	if (length >= sizeof(texts) - texts_length)
		return NULL;
	memcpy(copy, text.at, length);
	copy[length] = '\0';
	texts_length += length + 1;
	return copy;
}

/* The names in the state root: how many, or -1 where there are too many, or the root cannot be read. */
static int read_names(long root)
{
	_Alignas(8) char buffer[8192];
	int count = 0;
	long n;

	while ((n = SYS(getdents64, root, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < n;) {
			const struct directory_entry *entry = (const struct directory_entry *)(buffer + at);

			at += entry->length;
			if (text_equals(entry->name, ".") || text_equals(entry->name, ".."))
				continue;
			if (count == MAX_CONTAINERS)
				return -1;
			ids[count] = keep(span_of(entry->name));
			if (ids[count++] == NULL)
				return -1;
		}
	}
	return n < 0 ? -1 : count;
}

static int comes_before(const char *one, const char *other)
{
	while (*one != '\0' && *one == *other) {
		one++;
		other++;
	}
	return (unsigned char)*one < (unsigned char)*other;
}

/* Shell's sort, for a few thousand names at most. */
static void sort_names(int count)
{
	for (int gap = count / 2; gap > 0; gap /= 2) {
		for (int i = gap; i < count; i++) {
			const char *name = ids[i];
			int at = i;

			for (; at >= gap && comes_before(name, ids[at - gap]); at -= gap)
				ids[at] = ids[at - gap];
			ids[at] = name;
		}
	}
}

/* A string as the table shows it; one with escapes, or with letters that take more than a byte, is for the engine. */
static int set_text(struct row *row, int column, struct span text)
{
	const char *copy;

	for (const char *at = text.at + 1; at < text.end - 1; at++) {
		if (*at < ' ' || *at > '~' || *at == '\\')
			return -1;
	}
	copy = keep((struct span){ text.at + 1, text.end - 1 });
	if (copy == NULL)
		return -1;
	row->cells[column] = span_of(copy);
	return 0;
}

static int read_row(struct row *row, long root, const char *id)
{
	static const char *const words[] = {
		[STATUS_STOPPED] = "stopped", [STATUS_CREATED] = "created", [STATUS_RUNNING] = "running",
		[STATUS_PAUSED] = "paused",
	};
	static struct container c;
	int status;

	if (!is_id(id) || container_read(&c, (int)root, id) < 0)
		return -1;
	status = container_status(&c);
	if (status < 0 || set_text(row, COLUMN_BUNDLE, c.bundle) < 0 || set_text(row, COLUMN_CREATED, c.created) < 0 ||
	    set_text(row, COLUMN_OWNER, c.owner) < 0)
		return -1;
	put_number(row->pid, sizeof(row->pid), 0, status == STATUS_STOPPED ? 0 : c.pid);
	row->cells[COLUMN_ID] = span_of(id);
	row->cells[COLUMN_PID] = span_of(row->pid);
	row->cells[COLUMN_STATUS] = span_of(words[status]);
	return 0;
}

static size_t length_of(struct span span)
{
	return (size_t)(span.end - span.at);
}

static void set_widths(size_t *widths, const struct row *rows, int count)
{
	for (int column = 0; column < COLUMNS; column++) {
		widths[column] = MIN_WIDTH;
		for (int i = 0; i < count; i++) {
			size_t wanted = length_of(rows[i].cells[column]) + GAP;

			widths[column] = wanted > widths[column] ? wanted : widths[column];
		}
	}
}

static void add_row(struct out *out, const struct row *row, const size_t *widths)
{
	for (int column = 0; column < COLUMNS; column++) {
		out_span(out, row->cells[column]);
		for (size_t at = length_of(row->cells[column]); column < COLUMNS - 1 && at < widths[column]; at++)
			out_byte(out, ' ');
	}
	out_byte(out, '\n');
}

static void *memory_of(size_t size)
{
	long at = SYS(mmap, NULL, size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);

	return at < 0 && at > -4096 ? NULL : (void *)at;
}

static int print_rows(const struct row *rows, int count)
{
	size_t widths[COLUMNS], width = 1;
	struct out out = { 0 };

	set_widths(widths, rows, count);
	for (int column = 0; column < COLUMNS; column++)
		width += widths[column];
	out.size = width * (size_t)count;
	out.text = memory_of(out.size);
	if (out.text == NULL)
		return FOR_THE_ENGINE;
	for (int i = 0; i < count; i++)
		add_row(&out, &rows[i], widths);
	return out.full || write_all(1, out.text, out.length) < 0 ? FOR_THE_ENGINE : 0;
}

int hot_list(const struct hot_call *call)
{
	static const char *const titles[COLUMNS] = { "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER" };
	long root = call->id == NULL ? SYS(openat, AT_FDCWD, call->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) : -1;
	int count = root < 0 ? -1 : read_names(root);
	struct row *rows = count < 0 ? NULL : memory_of(sizeof(*rows) * ((size_t)count + 1));

	if (rows == NULL)
		return FOR_THE_ENGINE;
	sort_names(count);
	for (int column = 0; column < COLUMNS; column++)
		rows[0].cells[column] = span_of(titles[column]);
	for (int i = 0; i < count; i++) {
		if (read_row(&rows[i + 1], root, ids[i]) < 0)
			return FOR_THE_ENGINE;
	}
	return print_rows(rows, count + 1);
}
