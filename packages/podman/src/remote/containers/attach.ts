import { loadContainersConf } from "@containers/common/config/containers-conf";
import { ToolError } from "@containers/common/errors/tool-error";
import type { WindowSize } from "@containers/common/sys/sys";
import { joinStreams } from "../../containers/attach/join-streams.ts";
import type { AttachStreams } from "../../containers/options.ts";
import { getJson, post, type Service } from "../service.ts";
import { record, text, type Wire } from "../wire.ts";
import { serviceAttachClient } from "./attach-client.ts";
import { containerPath, waitForExit } from "./deeds.ts";

/** A container joined to this process's streams. */
export interface JoinedContainer {
  /** Begins to pass input, signals and window sizes; resolves when output has ended, or with `detached`. */
  run(): Promise<"ended" | "detached">;
  close(): void;
}

/** Joins this process's streams to a running container until it ends (its exit code) or the user detaches (undefined). */
export async function attachContainer(service: Service, reference: string, streams: AttachStreams): Promise<number | undefined> {
  const found = record(await getJson(service, containerPath(reference, "json")));
  if (text(record(found["State"])["Status"]) !== "running")
    throw new ToolError("invalid-state", "you can only attach to running containers");
  const joined = await joinContainer(service, found, streams);
  const exit = waitForExit(service, text(found["Id"])).catch(() => undefined);
  return (await joined.run()) === "detached" ? undefined : exit;
}

/** Connects to the streams of a container, which need not run yet: what it prints from its start is not lost. `found` is what inspect says of it. */
export async function joinContainer(service: Service, found: Wire, streams: AttachStreams): Promise<JoinedContainer> {
  const id = text(found["Id"]);
  const config = record(found["Config"]);
  const tty = config["Tty"] === true;
  const stdin = streams.stdin && config["OpenStdin"] === true;
  const detachKeys = streams.detachKeys ?? loadContainersConf().engine.detachKeys;
  const connection = await service.attach(containerPath(id, "attach"), {
    query: {
      stream: true,
      detachKeys,
      ...(stdin ? { stdin } : {}),
      ...(streams.stdout ? { stdout: true } : {}),
      ...(streams.stderr ? { stderr: true } : {}),
    },
  });
  const client = serviceAttachClient(connection, { tty, stdout: streams.stdout, stderr: streams.stderr });
  return {
    close: () => client.close(),
    run: () =>
      joinStreams(client, {
        streams: { ...streams, stdin },
        tty,
        detachKeys,
        deliver: (signal) => void post(service, containerPath(id, "kill"), { signal }).catch(() => undefined),
        resize: (size) => resize(service, containerPath(id, "resize"), size),
      }),
  };
}

/** A window whose size cannot be told keeps the one it has. */
export function resize(service: Service, path: string, { rows, columns }: WindowSize): void {
  void post(service, path, { h: rows, w: columns, running: true }).catch(() => undefined);
}
