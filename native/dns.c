/*
 * Answers queries for the names and addresses of a network's containers. Packets are hostile: every offset is checked
 * against the packet's end, and no compression is followed, because a question has none.
 * Source: RFC 1035, RFC 3596.
 */
#include "dns_table.h"

#include "sys.h"

#define TYPE_A 1
#define TYPE_PTR 12
#define TYPE_AAAA 28
#define TYPE_ANY 255
#define CLASS_IN 1

#define NAME_SIZE 256
/* In seconds: a container's address may be another's soon. */
#define TTL 5

struct question {
	char name[NAME_SIZE];	/* lower case, dots between the labels, none at the end */
	size_t length;
	int is_plain;		/* of letters, digits, "-" and "_" only */
	int labels;
	uint16_t type, class;
	size_t end;		/* where it ends in the packet */
};

struct reply {
	uint8_t *bytes;
	size_t room, length;
	unsigned int answers;
	int cut;
};

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void put16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static int add_label(struct question *q, const uint8_t *label, size_t size)
{
	if (q->length + size + 1 >= NAME_SIZE)
		return 0;
	if (q->labels++ > 0)
		q->name[q->length++] = '.';
	for (size_t i = 0; i < size; i++) {
		uint8_t c = label[i] >= 'A' && label[i] <= 'Z' ? (uint8_t)(label[i] + 32) : label[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
			q->is_plain = 0;
		q->name[q->length++] = (char)c;
	}
	return 1;
}

static int parse_question(const uint8_t *packet, size_t size, struct question *q)
{
	size_t at = DNS_HEADER_SIZE;

	memset(q, 0, sizeof(*q));
	q->is_plain = 1;
	while (at < size && packet[at] != 0) {
		size_t label = packet[at++];

		if (label > 63 || label > size - at || !add_label(q, packet + at, label))
			return 0;
		at += label;
	}
	if (at >= size || size - at < 5)
		return 0;
	q->type = get16(packet + at + 1);
	q->class = get16(packet + at + 3);
	q->end = at + 5;
	return 1;
}

/* The header's identifier, opcode and "recursion desired" are the query's. */
static int begin_reply(struct reply *reply, const uint8_t *query, size_t question_end, unsigned int code)
{
	if (question_end > reply->room)
		return 0;
	memcpy(reply->bytes, query, question_end);
	reply->bytes[2] = (uint8_t)(0x84 | (query[2] & 0x79));	/* response, authoritative */
	reply->bytes[3] = (uint8_t)(0x80 | code);		/* recursion available */
	put16(reply->bytes + 6, 0);
	put16(reply->bytes + 8, 0);
	put16(reply->bytes + 10, 0);
	reply->length = question_end;
	return 1;
}

/* A record of the question's own name: 0xc00c points at it. */
static void add_record(struct reply *reply, uint16_t type, const uint8_t *data, size_t size)
{
	uint8_t *at = reply->bytes + reply->length;

	if (size + 12 > reply->room - reply->length) {
		reply->cut = 1;
		return;
	}
	put16(at, 0xc00c);
	put16(at + 2, type);
	put16(at + 4, CLASS_IN);
	put16(at + 6, 0);
	put16(at + 8, TTL);
	put16(at + 10, (unsigned int)size);
	memcpy(at + 12, data, size);
	reply->length += size + 12;
	reply->answers++;
}

static void end_reply(struct reply *reply)
{
	put16(reply->bytes + 6, reply->answers);
	if (reply->cut)
		reply->bytes[2] |= 0x02;
}

/* 1 where the name is one of the network's, whether it has an address of the wanted type or not. */
static int answer_name(const struct dns_table *table, const struct dns_address *client, const struct question *q,
		       struct reply *reply)
{
	struct dns_word line, name;
	size_t at = 0;
	int known = 0;

	while (dns_next_line(table, &at, &line)) {
		struct dns_address address;
		int is_scoped, matches = 0;

		if (!dns_open_line(&line, 'n', client, &is_scoped, &address))
			continue;
		while (!matches && dns_next_word(&line, &name))
			matches = dns_word_is(&name, q->name, q->length);
		if (!matches)
			continue;
		known = 1;
		if (address.size == 4 && (q->type == TYPE_A || q->type == TYPE_ANY))
			add_record(reply, TYPE_A, address.bytes, 4);
		if (address.size == 16 && (q->type == TYPE_AAAA || q->type == TYPE_ANY))
			add_record(reply, TYPE_AAAA, address.bytes, 16);
	}
	return known;
}

/* Writes a name of dots and labels as a packet has it; 0 where it is no name. */
static size_t encode_name(const struct dns_word *name, uint8_t *out)
{
	size_t length = 0, start = 0;

	if (name->size > 253)
		return 0;
	for (size_t i = 0; i <= name->size; i++) {
		if (i < name->size && name->text[i] != '.')
			continue;
		if (i == start || i - start > 63)
			return 0;
		out[length++] = (uint8_t)(i - start);
		memcpy(out + length, name->text + start, i - start);
		length += i - start;
		start = i + 1;
	}
	out[length++] = 0;
	return length;
}

static size_t put_decimal(char *out, unsigned int value)
{
	size_t length = 0;

	if (value >= 100)
		out[length++] = (char)('0' + value / 100);
	if (value >= 10)
		out[length++] = (char)('0' + value / 10 % 10);
	out[length++] = (char)('0' + value % 10);
	return length;
}

/* "4.3.2.1.in-addr.arpa", or 32 nibbles before ip6.arpa. Source: RFC 1035, 3.5; RFC 3596, 2.5. */
static size_t reverse_name(const struct dns_address *address, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const char *zone = address->size == 4 ? "in-addr.arpa" : "ip6.arpa";
	size_t length = 0;

	for (size_t i = address->size; i-- > 0;) {
		if (address->size == 4) {
			length += put_decimal(out + length, address->bytes[i]);
		} else {
			out[length++] = digits[address->bytes[i] & 15];
			out[length++] = '.';
			out[length++] = digits[address->bytes[i] >> 4];
		}
		out[length++] = '.';
	}
	memcpy(out + length, zone, strlen(zone));
	return length + strlen(zone);
}

static int answer_address(const struct dns_table *table, const struct dns_address *client, const struct question *q,
			  struct reply *reply)
{
	struct dns_word line, name;
	size_t at = 0;

	while (dns_next_line(table, &at, &line)) {
		struct dns_address address;
		char reverse[NAME_SIZE];
		uint8_t data[NAME_SIZE];
		int is_scoped;
		size_t size;

		if (!dns_open_line(&line, 'n', client, &is_scoped, &address))
			continue;
		size = reverse_name(&address, reverse);
		if (size != q->length || memcmp(reverse, q->name, size) != 0 || !dns_next_word(&line, &name))
			continue;
		size = encode_name(&name, data);
		if (size > 0)
			add_record(reply, TYPE_PTR, data, size);
		return 1;
	}
	return 0;
}

enum dns_verdict dns_answer(const struct dns_table *table, const struct dns_address *client, const uint8_t *query,
			    size_t size, uint8_t *bytes, size_t room, size_t *length)
{
	struct reply reply = { .bytes = bytes, .room = room };
	struct question q;
	int known;

	/* A query, of the kind that asks, with one question. */
	if (size < DNS_HEADER_SIZE || (query[2] & 0xf8) != 0 || get16(query + 4) != 1)
		return DNS_IGNORE;
	if (!parse_question(query, size, &q) || !begin_reply(&reply, query, q.end, 0))
		return DNS_IGNORE;
	if (q.class != CLASS_IN || !q.is_plain || q.labels == 0)
		return DNS_FORWARD;
	known = q.type == TYPE_PTR ? answer_address(table, client, &q, &reply)
				   : answer_name(table, client, &q, &reply);
	if (!known && q.labels > 1)
		return DNS_FORWARD;
	/* A name without a dot is a container's or nobody's: it is not told to the servers of the world. */
	if (!known)
		reply.bytes[3] = (uint8_t)(reply.bytes[3] | DNS_NO_SUCH_NAME);
	end_reply(&reply);
	*length = reply.length;
	return DNS_ANSWER;
}

size_t dns_failure(const uint8_t *query, size_t size, unsigned int code, uint8_t *bytes, size_t room)
{
	struct reply reply = { .bytes = bytes, .room = room };
	struct question q;

	if (!parse_question(query, size, &q) || !begin_reply(&reply, query, q.end, code))
		return 0;
	reply.bytes[2] &= (uint8_t)~0x04;	/* not authoritative */
	return reply.length;
}
