/*
 * The chunk that is read of a container's stream, until it is in the log. It lies in a file that is mapped, with a note of how
 * far its logging is: a monitor that is killed leaves both to the next one, which logs each byte once.
 *
 * The note is written before the bytes are read, so it tells only how many there can be. Those that were not read are still
 * UNREAD, a byte that no UTF-8 text has, and still in the fifo. What the log has beyond the noted size is a write that was
 * cut short: it is taken back, and made again.
 *
 * A terminal ends with its monitor, and needs no note.
 */
#include "monitor.h"

#include <asm/ioctls.h>
#include <linux/fcntl.h>
#include <linux/mman.h>

#define UNREAD 0xff
#define LENGTH_BITS 16
#define LENGTH_MASK ((1u << LENGTH_BITS) - 1)
#define NOTHING_LOGGED (~0ull << LENGTH_BITS)

_Static_assert(sizeof(struct kept_chunks) == 8192, "as few pages as it needs");

/* The compiler may neither leave out nor reorder what only another process reads. */
static void store(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

/* Where its room is not certain, touching it could end this process: then memory of its own, which no kill survives, is better. */
void keep_chunks(struct monitor *m)
{
	static struct kept_chunks own;
	int is_new = !m->is_adopted && !m->recovers_only;
	int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (is_new ? O_TRUNC : 0);
	long fd = m->has_terminal ? -1 : SYS(openat, AT_FDCWD, "chunk", flags, 0600), at = -1;

	if (fd >= 0 && SYS(fallocate, fd, 0, 0, sizeof(own)) == 0)
		at = SYS(mmap, NULL, sizeof(own), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		SYS(close, fd);
	m->kept = at < 0 && at > -4096 ? &own : (struct kept_chunks *)at;
	for (int i = 0; i < STREAM_COUNT; i++)
		m->streams[i].data = m->kept->data[i];
}

static size_t take_carry(const struct monitor *m, int stream)
{
	uint64_t carry = m->kept->carry[stream];
	size_t count = (size_t)(carry >> 32) & 3;

	memcpy(m->streams[stream].data, &carry, count);
	return count;
}

static void set_carry(struct monitor *m, int stream, const char *data, size_t count)
{
	uint32_t bytes = 0;

	memcpy(&bytes, data, count);
	store(&m->kept->carry[stream], (uint64_t)count << 32 | bytes);
}

/* How much of the chunk is in a log of which size: one word, so that both are true at any moment. */
void note_logged(struct monitor *m, size_t done, uint64_t log_size)
{
	store(&m->kept->logged, log_size << LENGTH_BITS | done);
}

size_t noted_done(const struct monitor *m)
{
	return (size_t)(m->kept->logged & LENGTH_MASK);
}

static void log_whole(struct monitor *m, int stream, size_t from, size_t total)
{
	size_t carried = unfinished_character(m->streams[stream].data, total);

	log_chunk(m, stream, from, total - carried);
	set_carry(m, stream, m->streams[stream].data + total - carried, carried);
}

static long read_noted(struct monitor *m, int stream, size_t carried)
{
	struct stream *s = &m->streams[stream];
	size_t room = CHUNK - carried;
	int ready = 0;

	if (m->has_terminal)
		return SYS(read, s->fd, s->data + carried, room);
	if (SYS(ioctl, s->fd, FIONREAD, &ready) < 0 || ready <= 0)
		return -EAGAIN;
	if ((size_t)ready < room)
		room = (size_t)ready;
	memset(s->data + carried, UNREAD, room);
	store(&m->kept->logged, NOTHING_LOGGED);
	store(&m->kept->reading, (uint64_t)stream << 32 | carried << LENGTH_BITS | room);
	return SYS(read, s->fd, s->data + carried, room);
}

/* Reads what is there and logs it; gives how much that was, or -errno. */
long read_chunk(struct monitor *m, int stream)
{
	struct stream *s = &m->streams[stream];
	size_t carried = take_carry(m, stream);
	long n = read_noted(m, stream, carried);

	if (n > 0) {
		s->start = carried;
		s->length = (size_t)n;
		log_whole(m, stream, 0, carried + (size_t)n);
	}
	store(&m->kept->reading, 0);
	return n;
}

/* What is no character, because nothing comes any more. */
void log_carry(struct monitor *m, int stream)
{
	size_t carried = take_carry(m, stream);

	log_chunk(m, stream, 0, carried);
	set_carry(m, stream, NULL, 0);
}

/* Goes on where a monitor was killed. */
void recover_chunk(struct monitor *m)
{
	uint64_t reading = m->kept->reading, logged = m->kept->logged;
	int stream = (int)(reading >> 32) & 1;
	size_t carried = (size_t)(reading >> LENGTH_BITS) & 3, total = carried + (size_t)(reading & LENGTH_MASK);

	if (reading == 0 || total > CHUNK)
		return;
	while (total > carried && (unsigned char)m->streams[stream].data[total - 1] == UNREAD)
		total--;
	if (logged < NOTHING_LOGGED)
		cut_log(m, logged >> LENGTH_BITS);
	if (total > carried)
		log_whole(m, stream, noted_done(m), total);
	store(&m->kept->reading, 0);
}
