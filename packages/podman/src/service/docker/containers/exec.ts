import { setTimeout as delay } from "node:timers/promises";
import { describeError } from "@containers/common/errors/tool-error";
import { resizeTerminal } from "../../../containers/attach/resize.ts";
import { createExecSession, findExecSession, startExecSession } from "../../../containers/exec/exec-for-client.ts";
import { sessionBundle } from "../../../containers/exec/exec-session.ts";
import { currentContainer } from "../../../containers/lifecycle/stale.ts";
import { shownStatus } from "../../../containers/lifecycle/transitions.ts";
import { HttpError } from "../../errors-to-http.ts";
import type { Wire } from "../../http/wire.ts";
import { readQuery } from "../../query.ts";
import { empty, json } from "../../reply.ts";
import type { ApiRequest, Handler } from "../../route.ts";
import { HEAD_START, type Junction, openJunction } from "../../streams/join.ts";
import { frame } from "../../streams/stdcopy.ts";
import { streamType } from "../../streams/stream-type.ts";
import { execCreateSchema, execStartSchema } from "../../wire/exec.ts";
import { readBody } from "../../wire/read-body.ts";

/** Exec sessions; both trees. */

/** `POST /containers/{name}/exec`. */
export const createExecRoute: Handler = async (request) => {
  const { engine } = request;
  const body = await readBody(request, execCreateSchema, { context: "decoding request body as JSON", type: "handlers.ExecCreateConfig" });
  const { config, state } = await currentContainer(engine, request.param("name"));
  const bad = body.Env?.find((entry) => !entry.includes("="));
  if (bad !== undefined) throw new HttpError(400, `environment variable ${JSON.stringify(bad)} badly formed, must be key=value`);
  if (state.status === "paused") throw new HttpError(409, `cannot create exec session as container ${config.id} is paused`);
  const session = await createExecSession(engine, config.id, {
    command: body.Cmd ?? [],
    interactive: body.AttachStdin === true,
    tty: body.Tty === true,
    privileged: body.Privileged === true,
    env: body.Env ?? [],
    ...(body.User ? { user: body.User } : {}),
    ...(body.WorkingDir ? { workdir: body.WorkingDir } : {}),
    ...(body.DetachKeys ? { detachKeys: body.DetachKeys } : {}),
    attach: { stdout: body.AttachStdout === true, stderr: body.AttachStderr === true },
  });
  return json(201, { Id: session.id });
};

/** `POST /exec/{id}/start`. */
export const startExecRoute: Handler = async (request) => {
  const { engine } = request;
  const body = await readBody(request, execStartSchema, {
    context: `failed to decode parameters for ${request.url}`,
    status: 400,
    type: "handlers.ExecStartConfig",
  });
  const id = request.param("id");
  const { session, container } = await findExecSession(engine, id);
  const { config, state } = await currentContainer(engine, container.config.id);
  if (session.status !== "created") {
    const because = "exec session state improper";
    const context = `can only start created exec sessions, while container ${config.id} session ${id} state is`;
    throw new HttpError(500, `${context} ${JSON.stringify(session.status)}: ${because}`, { because });
  }
  if (state.status !== "running")
    throw new HttpError(409, `cannot exec in a container that is not running; container ${config.id} is ${shownStatus(state.status)}`);
  if (body.Detach === true) {
    await startExecSession(engine, id);
    return { status: 200, headers: { "Content-Type": "text/plain; charset=us-ascii" }, body: "\n" };
  }
  const size = body.Tty === true && (body.h || body.w) ? { rows: body.h ?? 0, columns: body.w ?? 0 } : undefined;
  const join = joiner(request, { tty: session.tty, size });
  try {
    await startExecSession(engine, id, async (bundle) => {
      const keys = session.detachKeys ?? engine.defaults.detachKeys;
      const junction = await openJunction(engine, bundle, {
        stdin: session.stdin,
        stdout: session.attach?.stdout ?? true,
        stderr: session.attach?.stderr ?? true,
        tty: session.tty,
        detachKeys: keys,
      });
      return join.through(junction, bundle);
    });
  } catch (error) {
    // The client asks for the exit code next, and finds what a shell would say: 127 for a command that is not there.
    await join.tell(`Error: ${describeError(error)}`);
  }
  join.close();
  return "hijacked";
};

interface Joiner {
  through(junction: Junction, bundle: string): { run(): Promise<unknown>; close(): void };
  /** Takes the connection over, if that has not happened, and writes a message into it. */
  tell(message: string): Promise<void>;
  close(): void;
}

function joiner(request: ApiRequest, { tty, size }: { tty: boolean; size: { rows: number; columns: number } | undefined }): Joiner {
  let wire: Wire | undefined;
  const hijack = async (): Promise<Wire> => {
    wire ??= await request.hijack(streamType(request, tty));
    return wire;
  };
  return {
    through: (junction, bundle) => ({
      close: () => junction.close(),
      async run() {
        if (size !== undefined) resizeTerminal(bundle, size);
        return junction.join(await hijack());
      },
    }),
    async tell(message) {
      const bytes = Buffer.from(`${message}\n`);
      const isNew = wire === undefined;
      const connection = await hijack();
      if (isNew) await delay(HEAD_START);
      await connection.write(tty ? bytes : frame("stderr", bytes)).catch(() => undefined);
    },
    close: () => wire?.close(),
  };
}

/** `GET /exec/{id}/json`. */
export const inspectExecRoute: Handler = async ({ engine, param }) => {
  const { session } = await findExecSession(engine, param("id"));
  const [entrypoint = "", ...words] = session.command;
  return json(200, {
    CanRemove: session.status === "stopped",
    ContainerID: session.containerId,
    DetachKeys: session.detachKeys ?? "",
    ExitCode: session.exitCode,
    ID: session.id,
    OpenStderr: session.attach?.stderr ?? true,
    OpenStdin: session.stdin,
    OpenStdout: session.attach?.stdout ?? true,
    Running: session.status === "running",
    Pid: session.pid,
    ProcessConfig: {
      arguments: words.length === 0 ? null : words,
      entrypoint,
      privileged: session.privileged,
      tty: session.tty,
      user: session.user,
    },
  });
};

/** `POST /exec/{id}/resize`. */
export const resizeExecRoute: Handler = async (request) => {
  const { h = 0, w = 0, running } = readQuery(request, { h: "uint16", w: "uint16", running: "bool" });
  const { session, container } = await findExecSession(request.engine, request.param("id"));
  const { state } = await currentContainer(request.engine, container.config.id);
  if (state.status !== "running" && running !== true)
    throw new HttpError(409, `container ${JSON.stringify(session.id)} in wrong state ${JSON.stringify(shownStatus(state.status))}`);
  if (session.status !== "running") {
    if (running !== true)
      throw new HttpError(
        500,
        `cannot resize session: cannot resize container ${container.config.id} exec session ${session.id} as it is not running: exec session state improper`,
        { because: "exec session state improper" },
      );
    return empty(201);
  }
  resizeTerminal(sessionBundle(container, session.id), { rows: h, columns: w });
  return empty(201);
};
