import { loadContainersConf } from "@containers/common/config/containers-conf";
import { linuxSys } from "@containers/common/sys/linux";
import { joinStreams } from "../../containers/attach/join-streams.ts";
import type { ExecOptions } from "../../containers/options.ts";
import { getJson, post, postJson, type Service, segment } from "../service.ts";
import { number, record, text } from "../wire.ts";
import { resize } from "./attach.ts";
import { serviceAttachClient } from "./attach-client.ts";
import { containerPath } from "./deeds.ts";
import { withStartExitCode } from "./start-error.ts";

/** Runs a command in a running container and gives its exit code, 0 at once when detached. */
export async function execInContainer(service: Service, reference: string, options: ExecOptions): Promise<number> {
  const created = record(await postJson(service, containerPath(reference, "exec"), { body: sessionConfig(options) }));
  const id = text(created["Id"]);
  const path = `/exec/${segment(id)}`;
  if (options.detach === true) {
    await withStartExitCode(() => startDetached(service, path));
    options.onStarted?.(id);
    return 0;
  }
  try {
    await withStartExitCode(() => runAttached(service, path, options));
    return number(record(await getJson(service, `${path}/json`))["ExitCode"]);
  } finally {
    // A session that was left by the detach keys goes on, and is not removed.
    await post(service, `${path}/remove`).catch(() => undefined);
  }
}

function sessionConfig(options: ExecOptions): object {
  return {
    User: options.user ?? "",
    Privileged: options.privileged ?? false,
    Tty: options.tty ?? false,
    AttachStdin: options.interactive ?? false,
    AttachStdout: true,
    AttachStderr: true,
    DetachKeys: detachKeys(options),
    Env: options.env ?? [],
    WorkingDir: options.workdir ?? "",
    Cmd: options.command,
  };
}

function detachKeys(options: ExecOptions): string {
  return options.detachKeys ?? loadContainersConf().engine.detachKeys;
}

async function startDetached(service: Service, path: string): Promise<void> {
  await postJson(service, `${path}/start`, { body: { Detach: true } });
}

async function runAttached(service: Service, path: string, options: ExecOptions): Promise<void> {
  const sys = linuxSys();
  const tty = options.tty === true;
  const window = tty && sys.isTerminal(0) ? sys.getWindowSize(0) : undefined;
  const connection = await service.attach(`${path}/start`, {
    body: { Detach: false, Tty: window !== undefined, h: window?.rows ?? 0, w: window?.columns ?? 0 },
  });
  const client = serviceAttachClient(connection, { tty, stdout: true, stderr: true });
  await joinStreams(client, {
    streams: { stdin: options.interactive === true, stdout: true, stderr: true, sigProxy: false },
    tty,
    // The service is to look for the keys too, and the original's does not find them.
    detachKeys: detachKeys(options),
    deliver: () => undefined,
    resize: (size) => resize(service, `${path}/resize`, size),
  });
}
