#!/bin/busybox sh
# The first process of the machine: makes a root file system of the host's own, which it reads only, and starts the job.
bb=/bin/busybox
$bb --install -s /bin
PATH=/bin
export PATH

die() {
	echo "cannot start the job: $*" >/dev/console
	reboot -f
}

mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
for module in /modules/*; do
	insmod "$module" || die "$module"
done

# What is written goes to memory, beside the host's files.
mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=524288,cache=loose,access=any hostroot /lower || die "no 9p root"
mount -t tmpfs -o mode=755 upper /upper
mkdir /upper/data /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work root /root || die "no overlay"
mount -t tmpfs -o mode=755 run /root/run
mkdir /root/scratch
mount -t tmpfs -o mode=1777,size=60% scratch /root/scratch
: >/root/etc/fstab
ln -sf /proc/self/mounts /root/etc/mtab

# /run/vm: the job, busybox, and the ports to the host under their names.
mkdir /root/run/vm /root/run/lock
cp /job/* /bin/busybox /root/run/vm/
for port in /sys/class/virtio-ports/*; do
	ln -s "/dev/${port##*/}" "/root/run/vm/$(cat "$port/name")"
done

mount -t securityfs securityfs /sys/kernel/security
mount -t bpf bpf /sys/fs/bpf
hostname vm
ifconfig lo 127.0.0.1 up

if [ "$(cat /job/mode)" = systemd ]; then
	. /job/systemd.sh
	prepare_systemd /root
	for directory in dev proc sys; do
		mount --move "/$directory" "/root/$directory"
	done
	exec switch_root /root /lib/systemd/systemd --unit=vm-job.target --show-status=no --log-target=console \
		--log-level=warning
fi

mkdir -p /dev/pts /dev/shm /dev/mqueue /dev/hugepages
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev shm /dev/shm
mount -t mqueue mqueue /dev/mqueue
mount -t hugetlbfs hugetlbfs /dev/hugepages
ln -sf /proc/self/fd /dev/fd
for stream in 0:stdin 1:stdout 2:stderr; do
	ln -sf "fd/${stream%%:*}" "/dev/${stream##*:}"
done

mount -t cgroup2 -o nosuid,nodev,noexec,nsdelegate cgroup2 /sys/fs/cgroup
for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
	echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
done
for directory in dev proc sys; do
	mount --move "/$directory" "/root/$directory"
done
# This process stays, as a shell that takes orphans in.
exec switch_root /root /run/vm/busybox sh -c '/run/vm/run & wait'
