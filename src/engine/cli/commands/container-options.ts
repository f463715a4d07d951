import type { Option } from "commander";
import { booleanFlag, choiceFlag, listFlag, textFlag } from "../../../cli/option-kinds.ts";

/** The flags that say what a container is: those of `run` and `create`. Each call makes new ones. */
export function containerOptions(): readonly Option[] {
  return [
    ...identityOptions(),
    ...processOptions(),
    ...storageOptions(),
    ...networkOptions(),
    ...limitOptions(),
    ...isolationOptions(),
    ...lifeOptions(),
    ...healthOptions(),
  ];
}

function identityOptions(): readonly Option[] {
  return [
    textFlag("--name <name>", "the container's name; one is made up where none is given"),
    booleanFlag("--replace", "remove the container that has the name first, also where it runs"),
    textFlag("-h, --hostname <name>", "the host name in the container; the beginning of its id when not given"),
    textFlag("--domainname <name>", "the NIS domain name in the container"),
    listFlag("-l, --label <key=value>", "set a label"),
    listFlag("--label-file <file>", "read labels from a file, one a line"),
    listFlag("--annotation <key=value>", "add an annotation to the OCI config"),
    textFlag("--cidfile <file>", "write the container's id to this file, which must not exist"),
    textFlag("--platform <platform>", "must be the image's own; there is no emulation of another"),
    choiceFlag("--pull <when>", "nothing is pulled when a container is made", ["missing", "never"]),
  ];
}

function processOptions(): readonly Option[] {
  return [
    booleanFlag("-i, --interactive", "keep the standard input open"),
    booleanFlag("-t, --tty", "give the container a terminal"),
    listFlag("-e, --env <name=value>", "set an environment variable; a name alone copies that of the caller"),
    listFlag("--env-file <file>", "read environment variables from a file, one a line"),
    textFlag("-w, --workdir <dir>", "the working directory in the container"),
    textFlag("-u, --user <user[:group]>", "names of the container's own, or numbers"),
    listFlag("--group-add <group>", "one more group: a name of the container's, or a number"),
    textFlag("--umask <octal>", "the file mode creation mask of its programs, such as 0027"),
    textFlag("--tz <name>", "its time zone: a name such as Europe/Berlin, or local for the host's"),
    textFlag("--entrypoint <program>", "the program to run instead of the image's; empty for none"),
    booleanFlag("--init", "run a small init as the first process, which forwards signals and reaps"),
    listFlag("--ulimit <name=soft[:hard]>", "set a resource limit of the process"),
  ];
}

function storageOptions(): readonly Option[] {
  return [
    listFlag("-v, --volume <[source:]dir[:options]>", "mount a directory of the host, or a volume"),
    listFlag("--mount <options>", "mount: type=bind|volume|tmpfs,source=...,target=...[,readonly]"),
    listFlag("--tmpfs <dir[:options]>", "mount a filesystem in memory"),
    listFlag("--volumes-from <container[:ro]>", "mount the volumes of another container"),
    booleanFlag("--read-only", "mount the root filesystem read-only"),
    textFlag("--shm-size <size>", "the size of /dev/shm; 64m when not given"),
    listFlag("--storage-opt <key=value>", "an option of the storage driver, such as size=1g"),
    booleanFlag("--rootfs", "the argument is a directory of the host, not an image; it is never written to"),
  ];
}

function networkOptions(): readonly Option[] {
  return [
    listFlag("--network <network>", "a network's name, none, host or container:ID"),
    listFlag("--net <network>", "the same as --network"),
    listFlag("--network-alias <name>", "one more name of the container on its network"),
    textFlag("--ip <address>", "the IPv4 address on the network"),
    textFlag("--ip6 <address>", "the IPv6 address on the network"),
    textFlag("--mac-address <address>", "the MAC address on the network"),
    listFlag("-p, --publish <[ip:]host:port[/proto]>", "make a port of the container reachable on the host"),
    booleanFlag("-P, --publish-all", "publish every port that the image exposes"),
    listFlag("--expose <port[/proto]>", "note that the container listens on a port"),
    listFlag("--dns <address>", "a name server"),
    listFlag("--dns-option <option>", "an option for the resolver"),
    listFlag("--dns-search <domain>", "a domain in which names are looked up"),
    listFlag("--add-host <name:address>", "a line for /etc/hosts; the address may be host-gateway"),
  ];
}

function limitOptions(): readonly Option[] {
  return [...memoryAndTasks(), ...cpuOptions(), ...blockIoOptions()];
}

function memoryAndTasks(): readonly Option[] {
  return [
    textFlag("-m, --memory <size>", "the most memory that the container may use, such as 100m"),
    textFlag("--memory-swap <size>", "memory and swap together; -1 for no limit"),
    textFlag("--memory-reservation <size>", "what the kernel tries to leave it when memory is short"),
    textFlag("--memory-swappiness <percent>", "how readily it is swapped out, 0 to 100"),
    textFlag("--kernel-memory <size>", "accepted: Linux has no such limit any more"),
    booleanFlag("--oom-kill-disable", "let it wait instead of killing it when it is out of memory"),
    textFlag("--oom-score-adj <n>", "how likely it is killed when the machine is out of memory, -1000 to 1000"),
    textFlag("--pids-limit <n>", "how many processes and threads it may have; -1 for no limit"),
  ];
}

function cpuOptions(): readonly Option[] {
  return [
    textFlag("--cpus <number>", "how many CPUs' time it may use, such as 1.5"),
    textFlag("-c, --cpu-shares <n>", "its share of CPU time where others want some too; 1024 is usual"),
    textFlag("--cpushare <n>", "the same as --cpu-shares"),
    textFlag("--cpu-period <microseconds>", "the period of --cpu-quota"),
    textFlag("--cpu-quota <microseconds>", "CPU time in each period"),
    textFlag("--cpu-rt-period <microseconds>", "the period of --cpu-rt-runtime"),
    textFlag("--cpu-rt-runtime <microseconds>", "CPU time of real-time tasks in each period"),
    textFlag("--cpuset-cpus <list>", "the CPUs that it may use, such as 0-2,4"),
    textFlag("--cpuset <list>", "the same as --cpuset-cpus"),
    textFlag("--cpuset-mems <list>", "the memory nodes that it may use"),
  ];
}

function blockIoOptions(): readonly Option[] {
  return [
    textFlag("--blkio-weight <n>", "its share of disk time, 10 to 1000"),
    listFlag("--blkio-weight-device <path:n>", "the same for one device"),
    listFlag("--device-read-bps <path:rate>", "how fast it may read from a device, such as /dev/sda:1mb"),
    listFlag("--device-write-bps <path:rate>", "how fast it may write to a device"),
    listFlag("--device-read-iops <path:n>", "how many reads a second from a device"),
    listFlag("--device-write-iops <path:n>", "how many writes a second to a device"),
  ];
}

function isolationOptions(): readonly Option[] {
  return [
    listFlag("--cap-add <name>", "add a capability, or ALL"),
    listFlag("--cap-drop <name>", "drop a capability, or ALL"),
    booleanFlag("--privileged", "all capabilities and devices, and no filters"),
    listFlag(
      "--security-opt <option>",
      "no-new-privileges, seccomp=FILE|unconfined, apparmor=PROFILE, systempaths=unconfined, writable-cgroups=true, label=TEXT (ignored)",
    ),
    listFlag("--device <path[:path[:rwm]]>", "let it use a device of the host"),
    listFlag("--device-cgroup-rule <rule>", 'allow devices by number, such as "c 42:* rwm"'),
    listFlag("--sysctl <name=value>", "set a kernel parameter of its namespaces"),
    textFlag("--pid <namespace>", "host or container:ID"),
    textFlag("--ipc <namespace>", "host, private, shareable, none or container:ID"),
    textFlag("--uts <namespace>", "host"),
    textFlag("--userns <namespace>", "host"),
    choiceFlag("--cgroupns <namespace>", "its view of the cgroups", ["host", "private"]),
    textFlag("--cgroup-parent <path>", "the cgroup in which its own one is made; /mydocker when not given"),
    textFlag("--runtime <path>", "the OCI runtime to run it with, such as runc or crun"),
  ];
}

function lifeOptions(): readonly Option[] {
  return [
    booleanFlag("--rm", "remove the container when it has ended"),
    textFlag("--restart <policy>", "no, on-failure[:n], always or unless-stopped"),
    textFlag("--stop-signal <signal>", "what stop sends first"),
    textFlag("--stop-timeout <seconds>", "how long stop waits before it kills"),
    textFlag("--timeout <seconds>", "kill it when it has run for so long; its exit status is 255 then"),
    choiceFlag("--log-driver <driver>", "how the container's output is kept", ["json-file", "none"]),
    listFlag(
      "--log-opt <key=value>",
      "max-size=SIZE (10m), max-file=N (3); tag=, labels=, env= and with -regex, which `logs --details` shows",
    ),
  ];
}

/** To look at what is done, for `run` and `create`. */
export function insightOptions(): readonly Option[] {
  return [
    booleanFlag("--plan", "print what the runtime would do, step by step, and leave no container"),
    booleanFlag(
      "--explain",
      "print what each setting makes of the OCI config, and which steps it brings; leave no container",
    ),
    booleanFlag("--time", "print how long each phase took"),
  ];
}

/** The same for what starts a container. */
export function startOptions(): readonly Option[] {
  return [
    booleanFlag("--trace", "print the runtime's steps as they are carried out"),
    booleanFlag("--keep-on-failure", "where it cannot be started, keep the bundle and all else to be looked at"),
  ];
}

function healthOptions(): readonly Option[] {
  return [
    textFlag("--health-cmd <command>", "a shell's command in the container that succeeds as long as it is healthy"),
    textFlag("--health-interval <duration>", "the time between two checks, such as 1m30s; 30s when not given"),
    textFlag("--health-timeout <duration>", "how long a check may take; 30s when not given"),
    textFlag("--health-retries <n>", "how many checks in a row have to fail; 3 when not given"),
    textFlag("--health-start-period <duration>", "how long failures do not count after the start"),
    textFlag("--health-start-interval <duration>", "the time between checks until then; 5s when not given"),
    booleanFlag("--no-healthcheck", "do not check it, whatever the image says"),
  ];
}
