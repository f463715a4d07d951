# Units that make systemd run the job, with the bus and logind, and little else: what a whole boot of the host would
# start is not this machine's business, and slow in emulation.
prepare_systemd() {
	root=$1
	units=$root/run/systemd/system
	mkdir -p "$units" "$root/run/dbus"
	# Where the host is a container, systemd would take this machine for one, and leave the kernel's parameters unread.
	rm -f "$root/.dockerenv"
	[ -s "$root/etc/machine-id" ] || echo 5a1cb4a7d7f34a1c9b5b1d2a9f0e8c33 >"$root/etc/machine-id"

	cat >"$units/vm-job.target" <<-UNIT
		[Unit]
		DefaultDependencies=no
		Wants=vm-job.service
	UNIT
	cat >"$units/vm-job.service" <<-UNIT
		[Unit]
		DefaultDependencies=no
		Requires=dbus.socket
		Wants=systemd-logind.service
		After=dbus.socket systemd-logind.service
		[Service]
		ExecStart=/run/vm/run
		LimitNOFILE=524288
		TasksMax=infinity
	UNIT
	for unit in dbus.socket dbus.service systemd-logind.service user@.service user-runtime-dir@.service; do
		awk '/^(Wants|After|Requires)=modprobe/ { next } { print } /^\[Unit\]/ { print "DefaultDependencies=no" }' \
			"$root/lib/systemd/system/$unit" >"$units/$unit"
	done
	# Users' managers have every controller, and not only those of Debian's default.
	mkdir "$units/user@.service.d"
	printf '[Service]\nDelegate=cpu cpuset io memory pids\n' >"$units/user@.service.d/delegate.conf"

	mkdir "$units-generators"
	for generator in "$root"/lib/systemd/system-generators/*; do
		ln -s /dev/null "$units-generators/${generator##*/}"
	done
	for unit in systemd-journald.service systemd-journald.socket systemd-journald-dev-log.socket \
		systemd-journald-audit.socket systemd-udevd.service systemd-tmpfiles-setup.service; do
		ln -sf /dev/null "$units/$unit"
	done
}
