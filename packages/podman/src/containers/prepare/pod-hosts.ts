import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { withFileLock } from "@containers/common/fs/file-lock";
import type { Engine } from "../../engine/engine.ts";
import type { ContainerConfig } from "../config.ts";

/** Containers of a pod that share its network find each other by name at the loopback address: each has a line in the infra container's hosts. */
export function addPodMember(engine: Pick<Engine, "state">, config: ContainerConfig): void {
  changeHosts(engine, config, (path, line) => {
    const text = readFileSync(path, "utf8");
    if (text.split("\n").includes(line)) return;
    appendFileSync(path, `${text === "" || text.endsWith("\n") ? "" : "\n"}${line}\n`);
  });
}

/** The reverse of {@link addPodMember}; no error when there is nothing to take out. */
export function removePodMember(engine: Pick<Engine, "state">, config: ContainerConfig): void {
  changeHosts(engine, config, (path, line) => {
    const lines = readFileSync(path, "utf8").split("\n");
    // Written in place: the file is bound into the pod's containers.
    if (lines.includes(line)) writeFileSync(path, lines.filter((one) => one !== line).join("\n"));
  });
}

function changeHosts(engine: Pick<Engine, "state">, config: ContainerConfig, change: (path: string, line: string) => void): void {
  const { mode, noHosts } = config.network;
  if (mode.kind !== "container" || noHosts) return;
  const directory = engine.state.containers.get(mode.container)?.config.runDir;
  if (directory === undefined || !existsSync(`${directory}/hosts`)) return;
  withFileLock(`${directory}/hosts.lock`, "write", () => change(`${directory}/hosts`, `127.0.0.1\t${config.name}`));
}
