import { EngineError } from "../../base/errors.ts";
import { publishedPorts } from "../../container/published-ports.ts";
import { findContainer } from "../../container/store.ts";
import type { EngineAct } from "../act.ts";
import { engineContext } from "../engine-context.ts";

export const act: EngineAct<"port"> = async ({ args: [word, port] }, at) => {
  const { paths } = engineContext(at);
  const record = findContainer(paths, word);
  const ports = await publishedPorts(paths, record);
  if (port === undefined) {
    at.print(ports.map((one) => `${one.port} -> ${one.address}\n`).join(""));
    return;
  }
  const key = port.includes("/") ? port : `${port}/tcp`;
  const found = ports.filter((one) => one.port === key);
  if (found.length === 0) throw new EngineError(`No public port '${port}' published for ${word}`);
  at.print(found.map(({ address }) => `${address}\n`).join(""));
};
