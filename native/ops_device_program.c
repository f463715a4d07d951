/* The program that decides on the devices of a v2 cgroup, made in src/cgroup/v2/. */
#include "ctx.h"

#include <linux/bpf.h>
#include <linux/fcntl.h>

/* By its name a program is known to be this project's: systemd attaches its own beside it. */
#define PROGRAM_NAME "mydocker_device"
#define MAX_PROGRAMS 64

static long load_program(const char *hex)
{
	union bpf_attr attr = { 0 };
	size_t size = strlen(hex) / 2;
	uint8_t *program = map_memory(size + 8);
	long fd = -EPROTO;

	if (program == NULL)
		return -ENOMEM;
	if (bytes_of_hex(hex, program, size) >= 0) {
		attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
		attr.insns = (uint64_t)(uintptr_t)program;
		attr.insn_cnt = (uint32_t)(size / 8);
		attr.license = (uint64_t)(uintptr_t)"Apache-2.0";
		put_text(attr.prog_name, sizeof(attr.prog_name), 0, PROGRAM_NAME);
		fd = SYS(bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	}
	SYS(munmap, program, size + 8);
	return fd;
}

static int is_own_program(long fd)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = { 0 };

	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uint64_t)(uintptr_t)&info;
	return SYS(bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) == 0 && text_equals(info.name, PROGRAM_NAME);
}

static long attach(long command, long directory, long program)
{
	union bpf_attr attr = { .target_fd = (uint32_t)directory, .attach_bpf_fd = (uint32_t)program,
				.attach_type = BPF_CGROUP_DEVICE,
				.attach_flags = command == BPF_PROG_ATTACH ? BPF_F_ALLOW_MULTI : 0 };

	return SYS(bpf, command, &attr, sizeof(attr));
}

/*
 * The new program first, then the old ones go: for a moment what both allow is allowed, and never more than that.
 */
static long replace_programs(long directory, long program)
{
	uint32_t ids[MAX_PROGRAMS];
	union bpf_attr query = { 0 };
	long err;

	query.query.target_fd = (uint32_t)directory;
	query.query.attach_type = BPF_CGROUP_DEVICE;
	query.query.prog_ids = (uint64_t)(uintptr_t)ids;
	query.query.prog_cnt = MAX_PROGRAMS;
	err = SYS(bpf, BPF_PROG_QUERY, &query, sizeof(query));
	if (err == 0)
		err = attach(BPF_PROG_ATTACH, directory, program);
	for (uint32_t i = 0; err == 0 && i < query.query.prog_cnt; i++) {
		union bpf_attr attr = { .prog_id = ids[i] };
		long old = SYS(bpf, BPF_PROG_GET_FD_BY_ID, &attr, sizeof(attr));

		if (old < 0)
			return old;
		if (is_own_program(old))
			err = attach(BPF_PROG_DETACH, directory, old);
		SYS(close, old);
	}
	return err;
}

int op_cgroup_device_program(struct ctx *c, const union arg *a)
{
	long fd = load_program(a[1].string);
	long directory, err;

	if (fd < 0)
		return failed(c, "bpf", a[0].string, fd);
	directory = SYS(openat, AT_FDCWD, a[0].string, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (directory < 0) {
		SYS(close, fd);
		return failed(c, "open", a[0].string, directory);
	}
	err = replace_programs(directory, fd);
	SYS(close, directory);
	SYS(close, fd);
	return err < 0 ? failed(c, "bpf", a[0].string, err) : 0;
}
