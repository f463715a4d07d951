/**
 * `npm run vm -- [--systemd] [--cgroups unified|hybrid|legacy] [--cpus N] [--memory MIB] [--timeout SECONDS] [--append PARAMETER] [--console] -- COMMAND…`:
 * runs a command in a virtual machine that has this host's files and a kernel with cgroup v2 alone, or with what
 * --cgroups says (v1 with --systemd), in the current directory. Its exit status is the command's; 124 when its time was over, 125 when the machine failed.
 */
import { parseArgs } from "node:util";
import type { Job } from "./initrd.ts";
import { CGROUP_PARAMETERS, type CgroupSetup } from "./machine.ts";
import { missingForVm, runInVm, type VmEnd } from "./run-in-vm.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    systemd: { type: "boolean", default: false },
    cgroups: { type: "string", default: "unified" },
    console: { type: "boolean", default: false },
    cpus: { type: "string", default: "2" },
    memory: { type: "string", default: "3072" },
    timeout: { type: "string", default: "900" },
    append: { type: "string", multiple: true, default: [] },
    env: { type: "string", multiple: true, default: [] },
  },
});

const missing = positionals.length === 0 ? "needs a command behind --" : missingForVm(values.systemd);
if (missing !== undefined) {
  console.error(`Cannot run in a virtual machine: ${missing}`);
  process.exit(125);
}
const end = await runInVm(
  {
    job: job(),
    showConsole: values.console,
    cgroups: cgroupSetup(),
    cpus: Number(values.cpus),
    memoryMib: Number(values.memory),
    timeoutMs: Number(values.timeout) * 1000,
    parameters: values.append,
  },
  (stream, text) => process[stream].write(text),
);
process.exitCode = exitStatus(end);

function job(): Job {
  const env = Object.fromEntries(
    values.env.map((text) => {
      const at = text.indexOf("=");
      return [text.slice(0, at), text.slice(at + 1)] as const;
    }),
  );
  const path = process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin";
  return { argv: positionals, cwd: process.cwd(), env: { PATH: path, HOME: "/root", ...env }, systemd: values.systemd };
}

function cgroupSetup(): CgroupSetup {
  const setup = (Object.keys(CGROUP_PARAMETERS) as CgroupSetup[]).find((name) => name === values.cgroups);
  if (setup !== undefined && (setup === "unified" || values.systemd)) return setup;
  console.error(
    `Cannot run in a virtual machine: no cgroups "${values.cgroups}"${values.systemd ? "" : " without --systemd"}`,
  );
  process.exit(125);
}

function exitStatus({ end }: VmEnd): number {
  if (end.kind === "exited") return end.status;
  console.error(`The virtual machine ${end.kind === "timedOut" ? "took too long" : `failed: ${end.kind}`}`);
  return end.kind === "timedOut" ? 124 : 125;
}
