/** Shell scripts that look from inside a container; what they print is compared with another runtime's. */

/** What a process can see of itself, without what is different each time. */
export const SELF = `
grep -E '^(Umask|Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp|Sig(Ign|Blk)|Cpus_allowed|Mems_allowed)' /proc/self/status
cat /proc/self/limits /proc/self/oom_score_adj
env | grep -v HOSTNAME | sort
pwd; id; umask; tty; ls -1 /proc/self/fd | wc -l
readlink /proc/self/root; readlink /proc/self/exe; ls /proc/self/ns
cat /proc/sys/kernel/hostname | wc -c; cut -d: -f1 /proc/net/dev
`;

/** What it can see of the file system, without what runtimes are free to do in their own ways. */
export const FILES = `
cut -d' ' -f2,3 /proc/mounts | sort
for file in / /dev/* /dev/pts /dev/shm /proc/kcore /proc/sys /sys /etc/hostname /etc/hosts /run /tmp; do
  case $file in /dev/core|/dev/pts) ;; *) stat -c '%n %F %a %u %g %t %T' $file 2>&1;; esac
done
for file in /proc/sys/x /sys/x /dev/x /dev/shm/x /etc/x /proc/acpi/x; do touch $file 2>&1; rm -f $file; done
for file in /proc/timer_list /proc/keys /proc/sysrq-trigger; do cat $file 2>&1 | wc -c; done
`;

/** A script that prints a limit of the container's own, from where a cgroup v1 or v2 host has it. */
export function readCgroupFile(v1: string, v2: string): string {
  return `cat /sys/fs/cgroup/${v1} 2>/dev/null || cat /sys/fs/cgroup/${v2}`;
}

export const CGROUP_FILES = {
  memoryLimit: readCgroupFile("memory/memory.limit_in_bytes", "memory.max"),
  pidsLimit: readCgroupFile("pids/pids.max", "pids.max"),
  cpuQuota: readCgroupFile("cpu/cpu.cfs_quota_us", "cpu.max"),
} as const;

/** Says that it is ready, waits for SIGTERM, and ends with 9. */
export const WAIT = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done";

/** Says that it is ready, and prints numbers for ever. */
export const COUNT = "echo ready; n=0; while :; do echo $n; n=$((n+1)); sleep 0.05; done";

/** Commands that cannot be executed, and the exit status that people know each by. */
export const NOT_EXECUTABLE = [
  [127, "nosuch"],
  [127, "/no/such"],
  [126, "/etc/passwd"],
  [126, "/etc"],
] as const;

/** Tries a command for a second: a server that has just been started may not listen yet. */
export function retried(command: string): string {
  return `for i in 1 2 3 4 5 6 7 8 9 10; do ${command} && exit; sleep 0.1; done 2>/dev/null; ${command}`;
}
