#!/bin/sh
# Runs the bun of node_modules with the given arguments, also where npm did not run its install script:
# the executable then still lies in its platform package.
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
for bun in "$root"/node_modules/bun/bin/bun.exe "$root"/node_modules/@oven/bun-linux-*/bin/bun; do
	if [ -x "$bun" ] && "$bun" --version >/dev/null 2>&1; then
		exec "$bun" "$@"
	fi
done
echo "$0: no bun in $root/node_modules runs on this machine: run 'npm ci' first" >&2
exit 1
