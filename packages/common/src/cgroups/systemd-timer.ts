import { ToolError } from "../errors/tool-error.ts";
import type { Sys } from "../sys/sys.ts";
import { DbusWriter } from "./dbus-message.ts";
import { callManager, type ManagerCall } from "./systemd-manager.ts";

export interface TimerRequest {
  /** Name of the timer and of its service, without their endings. */
  readonly unit: string;
  /** argv of the service. */
  readonly command: readonly string[];
  /** From the end of one run to the begin of the next. */
  readonly intervalMs: number;
  /** KEY=value. */
  readonly environment: readonly string[];
  /** The manager's own socket. */
  readonly socket: string;
}

/** syslog's LOG_NOTICE: what systemd itself says of every run would fill the journal. */
const NOTICE = 5;

/**
 * Makes a transient timer and its service, as systemd-run does, and starts the service for the first time. The timer counts from the end of a run.
 *
 * @throws unavailable when systemd refuses
 */
export function startTimer(sys: Sys, request: TimerRequest): void {
  const start = new DbusWriter().string(`${request.unit}.service`).string("replace");
  callManager(sys, request.socket, {
    calls: [timerUnit(request), { member: "StartUnit", signature: "ss", body: start.bytes() }],
    doing: `to make ${request.unit}.timer`,
  });
}

/** Ends the timer; a run of its service that is under way goes on. No error when there is no such timer. */
export function stopTimer(sys: Sys, socket: string, unit: string): void {
  const stop = new DbusWriter().string(`${unit}.timer`).string("replace");
  try {
    callManager(sys, socket, { calls: [{ member: "StopUnit", signature: "ss", body: stop.bytes() }], doing: `to stop ${unit}.timer` });
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== "org.freedesktop.systemd1.NoSuchUnit") throw error;
  }
}

function timerUnit({ unit, command, intervalMs, environment }: TimerRequest): ManagerCall {
  const body = new DbusWriter().string(`${unit}.timer`).string("fail");
  const { text, property } = propertyWriter(body);
  const description = command.join(" ");
  body.array(8, () => {
    text("Description", description);
    property("TimersMonotonic", "a(st)", () =>
      body.array(8, () =>
        body
          .align(8)
          .string("OnUnitInactiveSec")
          .uint64(Math.round(intervalMs * 1000)),
      ),
    );
    property("AccuracyUSec", "t", () => body.uint64(1_000_000));
    property("RemainAfterElapse", "b", () => body.boolean(false));
  });
  body.array(8, () => {
    body.align(8).string(`${unit}.service`);
    body.array(8, () => {
      text("Description", description);
      // A unit that ended badly goes too, and one that is run every second is no fault.
      text("CollectMode", "inactive-or-failed");
      property("StartLimitIntervalUSec", "t", () => body.uint64(0));
      // A monitor that a run has started for a container lives on.
      text("KillMode", "process");
      property("LogLevelMax", "i", () => body.uint32(NOTICE));
      property("Environment", "as", () => body.array(4, () => environment.forEach((entry) => void body.string(entry))));
      // A program that asks is not to take itself for a service that somebody wrote.
      property("UnsetEnvironment", "as", () => body.array(4, () => body.string("INVOCATION_ID")));
      property("ExecStart", "a(sasb)", () =>
        body.array(8, () => {
          body.align(8).string(command[0] ?? "");
          body.array(4, () => command.forEach((word) => void body.string(word)));
          body.boolean(false);
        }),
      );
    });
  });
  return { member: "StartTransientUnit", signature: "ssa(sv)a(sa(sv))", body: body.bytes() };
}

function propertyWriter(body: DbusWriter) {
  const property = (name: string, type: string, value: () => void): void => {
    body.align(8).string(name).signature(type);
    value();
  };
  return { property, text: (name: string, value: string) => property(name, "s", () => body.string(value)) };
}
