/**
 * Both ends of test traffic. `serve PORT...` answers TCP and UDP on each port, IPv4 and IPv6, with its own name, the port
 * and the client's address, and prints "ready". `ask` takes questions as JSON and prints the answers as JSON: null where
 * none came. `look SERVER NAME...` looks names up at a server: NAME for its IPv4 addresses, NAME/6 for IPv6, NAME/tcp by
 * TCP, an address for its name.
 */
import { createSocket, type SocketType } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { connect, createServer, isIPv6 } from "node:net";

export interface Question {
  readonly protocol: "tcp" | "udp";
  readonly host: string;
  readonly port: number;
  /** The client's port, of UDP. */
  readonly from?: number;
}

const TIMEOUT_MS = 1500;
/** A name server has to try its own servers first. */
const LOOK_TIMEOUT_MS = 8000;
const [mode, ...args] = process.argv.slice(2);

if (mode === "serve") {
  await serve(args[0] ?? "", args.slice(1).map(Number));
} else {
  const answers =
    mode === "ask"
      ? // Written by the test.
        (JSON.parse(args[0] ?? "") as Question[]).map(ask)
      : args.slice(1).map((name) => look(args[0] ?? "", name));
  console.log(JSON.stringify(await Promise.all<unknown>(answers)));
  // What has not answered is not waited for.
  process.exit();
}

async function serve(name: string, ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const server = createServer((client) => {
      client.on("error", () => {});
      client.on("data", () => client.end(`${name} ${port} ${plain(client.remoteAddress ?? "")}`));
    });
    await new Promise<void>((done) => server.listen(port, "::", done));
    const socket = createSocket({ type: "udp6", ipv6Only: false });
    socket.on("message", (_data, { address, port: from }) =>
      socket.send(`${name} ${port} ${plain(address)}`, from, address),
    );
    await new Promise<void>((done) => socket.bind(port, "::", done));
  }
  console.log("ready");
}

function plain(address: string): string {
  return address.replace(/^::ffff:/, "");
}

function ask(question: Question): Promise<string | null> {
  const answer = question.protocol === "tcp" ? askTcp(question) : askUdp(question);
  const late = new Promise<null>((done) => setTimeout(() => done(null), TIMEOUT_MS));
  return Promise.race([answer, late]);
}

function askTcp({ host, port }: Question): Promise<string | null> {
  return new Promise((done) => {
    let text = "";
    const socket = connect(port, host);
    socket.write("question");
    socket.on("data", (data) => {
      text += data.toString();
    });
    socket.on("end", () => done(text));
    socket.on("error", () => done(null));
  });
}

function askUdp({ host, port, from }: Question): Promise<string | null> {
  return new Promise((done) => {
    const type: SocketType = isIPv6(host) ? "udp6" : "udp4";
    const socket = createSocket(type);
    socket.on("message", (data) => done(data.toString()));
    socket.on("error", () => done(null));
    if (from !== undefined) socket.bind(from);
    socket.send("question", port, host);
  });
}

async function look(server: string, question: string): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: LOOK_TIMEOUT_MS, tries: 1 });
  resolver.setServers([server]);
  const [name = "", way] = question.split("/");
  if (way === "tcp") return [await lookByTcp(server, name)];
  try {
    if (/^[0-9.]+$|:/.test(name)) return await resolver.reverse(name);
    return await (way === "6" ? resolver.resolve6(name) : resolver.resolve4(name));
  } catch (error) {
    return [error instanceof Error && "code" in error ? String(error.code) : String(error)];
  }
}

/** The status of the reply, "closed" where none comes. Source: RFC 1035, 4.1.1, 4.2.2. */
function lookByTcp(server: string, name: string): Promise<string> {
  const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
  const header = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  const message = [...header, ...labels, 0, 0, 1, 0, 1];
  return new Promise((done) => {
    const socket = connect(53, server);
    socket.write(Buffer.from([0, message.length, ...message]));
    socket.on("data", (data) => done(`status ${(data[5] ?? 0) & 15}, ${data[9]} answers`));
    socket.on("close", () => done("closed"));
    socket.on("error", () => {});
  });
}
