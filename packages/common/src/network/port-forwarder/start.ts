import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { ToolError } from "../../errors/tool-error.ts";
import { findProcesses, signalQuietly } from "../../process/find-processes.ts";
import { reexecArguments } from "../../process/reexec.ts";
import { O_CLOEXEC, SIGTERM } from "../../sys/constants.ts";
import { linuxSys } from "../../sys/linux.ts";
import type { Sys } from "../../sys/sys.ts";
import { portInUseError } from "../port-reservation.ts";
// The forwarder itself brings node:net along, which only its own process needs.
import type { ForwarderJob } from "./forwarder.ts";
import { READY_FD } from "./ready-fd.ts";

export const FORWARDER_ENTRY = "port-forwarder";

/**
 * Starts the process that publishes an ordinary user's ports (see forwarder.ts) and waits until it listens. Its pid goes to
 * a file in `directory`, where {@link stopPortForwarder} finds it.
 */
export function startPortForwarder(directory: string, containerId: string, job: ForwarderJob, sys: Sys = linuxSys()): void {
  const [readEnd, writeEnd] = sys.pipe2(O_CLOEXEC);
  const nothing = openSync("/dev/null", "r+");
  const self = reexecArguments(FORWARDER_ENTRY, [containerId, JSON.stringify(job)]);
  const pid = sys.spawn({
    path: self.file,
    argv: [self.argv0, ...self.args],
    env: Object.entries(process.env).map(([key, value]) => `${key}=${value ?? ""}`),
    descriptors: [
      [nothing, 0],
      [nothing, 1],
      [nothing, 2],
      [writeEnd, READY_FD],
    ],
    cwd: "/",
    newSession: true,
  });
  sys.close(writeEnd);
  sys.close(nothing);
  const buffer = Buffer.alloc(256);
  const answer = buffer.toString("utf8", 0, sys.read(readEnd, buffer, 0, buffer.length));
  sys.close(readEnd);
  if (answer !== "ok") {
    sys.waitpid(pid, 0);
    throw failure(answer, job);
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(`${directory}/${containerId}`, String(pid), { mode: 0o600 });
}

/** Ends a container's forwarder; does nothing where there is none. */
export function stopPortForwarder(directory: string, containerId: string, sys: Sys = linuxSys()): void {
  const path = `${directory}/${containerId}`;
  try {
    const pid = Number(readFileSync(path, "utf8"));
    // The pid may have been reused since: only a process that names this container is the forwarder.
    if (readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(containerId)) sys.kill(pid, SIGTERM);
  } catch {
    // Whoever started one may have been killed before the file was written.
    const lost = findProcesses((argv) => argv.includes(`__${FORWARDER_ENTRY}`) && argv.includes(containerId));
    signalQuietly(lost, "SIGTERM");
  }
  rmSync(path, { force: true });
}

function failure(answer: string, job: ForwarderJob): ToolError {
  const [code, protocol, address, number] = answer.split(" ");
  const port = job.ports.find(
    (one) => one.protocol === protocol && Number(number) >= one.host_port && Number(number) < one.host_port + one.range,
  );
  if (port !== undefined && code === "EADDRINUSE") return portInUseError({ ...port, host_ip: address ?? "", host_port: Number(number) });
  if (code === "EACCES") {
    return new ToolError("denied", `cannot publish ${protocol} port ${address}:${number}: permission denied`, {
      hint: "ports below net.ipv4.ip_unprivileged_port_start are root's; publish a higher one",
    });
  }
  return new ToolError("internal", `publishing ports: ${answer === "" ? "the forwarding process ended early" : answer}`);
}
