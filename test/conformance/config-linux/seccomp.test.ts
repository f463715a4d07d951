import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { Terminal } from "../../helpers/terminal.ts";
import type { TestBox } from "../../helpers/test-box.ts";
import { assertRefused, assertRequired, requirement } from "../requirement.ts";

const AT = "config-linux.md#seccomp";

requirement(AT, { id: "MD-CL-82", level: "REQUIRED", says: "seccomp has a defaultAction" }, (box) => {
  const seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [] };
  box.config.linux.seccomp = seccomp;
  return assertRequired(box, seccomp, "defaultAction");
});

requirement(
  AT,
  { id: "MD-CL-83", says: "defaultErrnoRet with an action that has no errno is an error", since: "1.1" },
  async (box) => {
    box.config.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", defaultErrnoRet: 5 };
    await assertRefused(box);
  },
);

requirement(
  AT,
  [
    { id: "MD-CL-84", says: "the listener's socket is AF_UNIX and SOCK_STREAM", since: "1.1" },
    { id: "MD-CL-85", says: "exactly one container process state is sent on a connection", since: "1.1" },
    { id: "MD-CL-86", says: "the connection is closed after it, and not used again", since: "1.1" },
  ],
  async (box) => {
    const agent = await Agent.listen(box.path("agent"));
    try {
      await notify(box, box.path("agent"), ["print", "up\n"], ["mkdir", "/tmp/x"]);
      const [connection, ...more] = await agent.connections();
      assert.deepEqual(more, []);
      assert.equal(connection?.isClosed, true);
      assert.equal(typeof JSON.parse(connection.text), "object");
    } finally {
      agent.close();
    }
  },
);

requirement(
  AT,
  { id: "MD-CL-87", says: "that nothing can be sent to the socket is an error", since: "1.1" },
  async (box) => {
    setFilter(box, box.path("nobody"));
    await assertRefused(box);
  },
);

requirement(
  AT,
  [
    {
      id: "MD-CL-88",
      level: "REQUIRED",
      says: "the descriptors that are sent have seccompFd among them",
      since: "1.1",
    },
    { id: "MD-CL-97", says: "the state is sent as JSON, and the descriptor by SCM_RIGHTS", since: "1.1" },
    { id: "MD-CL-98", says: "the descriptor comes with the first message", since: "1.1" },
    { id: "MD-CL-99", level: "REQUIRED", says: "the container process state has an ociVersion", since: "1.1" },
    { id: "MD-CL-100", level: "REQUIRED", says: "it has the pid, as the runtime sees it", since: "1.1" },
    { id: "MD-CL-101", level: "REQUIRED", says: "it has the container's state", since: "1.1" },
  ],
  async (box) => {
    // It reads once, and prints what came with that.
    const agent = Terminal.receive(box.path("agent"));
    try {
      setFilter(box, box.path("agent"), "for the agent");
      box.setCommands(["sleep", "60000"]);
      await listening(box.path("agent"), box);
      await box.created();
      await box.must("start");
      const { message } = await agent.received();
      const { ociVersion, fds, pid, metadata, state } = JSON.parse(message);
      assert.match(ociVersion, /^\d+\.\d+\.\d+/);
      assert.deepEqual(fds, ["seccompFd"]);
      assert.equal(pid, (await box.state()).pid);
      assert.equal(metadata, "for the agent");
      assert.deepEqual([state.id, state.pid, state.bundle], [box.id, pid, box.bundle]);
    } finally {
      agent.close();
    }
  },
);

requirement(
  AT,
  { id: "MD-CL-89", level: "MUST NOT", says: "listenerMetadata is not there without listenerPath", since: "1.1" },
  async (box) => {
    box.config.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", listenerMetadata: "x" };
    await assertRefused(box);
  },
);

for (const [id, property] of [
  ["MD-CL-90", "names"],
  ["MD-CL-92", "action"],
] as const) {
  requirement(AT, { id, level: "REQUIRED", says: `an entry of syscalls has ${property}` }, (box) => {
    const rule = { names: ["mkdir"], action: "SCMP_ACT_ERRNO" };
    box.config.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [rule] };
    return assertRequired(box, rule, property);
  });
}

requirement(AT, { id: "MD-CL-91", says: "names has at least one entry" }, async (box) => {
  const syscalls = [{ names: [], action: "SCMP_ACT_ERRNO" }];
  box.config.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls };
  await assertRefused(box);
});

requirement(
  AT,
  { id: "MD-CL-93", says: "errnoRet with an action that has no errno is an error", since: "1.1" },
  async (box) => {
    const syscalls = [{ names: ["mkdir"], action: "SCMP_ACT_KILL_PROCESS", errnoRet: 5 }];
    box.config.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls };
    await assertRefused(box);
  },
);

for (const [id, property] of [
  ["MD-CL-94", "index"],
  ["MD-CL-95", "value"],
  ["MD-CL-96", "op"],
] as const) {
  requirement(AT, { id, level: "REQUIRED", says: `an argument's condition has ${property}` }, (box) => {
    const condition = { index: 0, value: 1, op: "SCMP_CMP_EQ" };
    const syscalls = [{ names: ["mkdir"], action: "SCMP_ACT_ERRNO", args: [condition] }];
    box.config.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls };
    return assertRequired(box, condition, property);
  });
}

interface Connection {
  text: string;
  isClosed: boolean;
}

/** What listens for containers; the descriptors that come are closed at once. */
class Agent {
  readonly #server: Server;
  readonly #connections: Connection[] = [];

  private constructor() {
    this.#server = createServer((socket) => {
      const connection: Connection = { text: "", isClosed: false };
      this.#connections.push(connection);
      socket.setEncoding("utf8");
      socket.on("data", (text: string) => {
        connection.text += text;
      });
      socket.on("close", () => {
        connection.isClosed = true;
      });
    });
  }

  static async listen(path: string): Promise<Agent> {
    const agent = new Agent();
    await new Promise<void>((done) => agent.#server.listen(path, done));
    return agent;
  }

  /** All that came, once the first one is closed; what comes later than a moment is not waited for. */
  async connections(): Promise<readonly Connection[]> {
    for (let tries = 0; tries < 200 && !this.#connections.some(({ isClosed }) => isClosed); tries++) await pause();
    for (let tries = 0; tries < 10; tries++) await pause();
    return this.#connections;
  }

  close(): void {
    this.#server.close();
  }
}

function pause(): Promise<void> {
  return new Promise((done) => setTimeout(done, 10));
}

/** A filter that asks the agent about mkdir. */
function setFilter(box: TestBox, listenerPath: string, listenerMetadata?: string): void {
  box.config.linux.seccomp = {
    defaultAction: "SCMP_ACT_ALLOW",
    listenerPath,
    ...(listenerMetadata === undefined ? {} : { listenerMetadata }),
    syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_NOTIFY" }],
  };
}

async function notify(box: TestBox, agent: string, ...commands: readonly (readonly string[])[]): Promise<void> {
  setFilter(box, agent);
  await box.started(...commands);
}

/** Waits until the helper listens, which says nothing of itself. */
async function listening(path: string, box: TestBox): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if ((await box.program(["test", "-S", path])).status === 0) return;
    await pause();
  }
}
