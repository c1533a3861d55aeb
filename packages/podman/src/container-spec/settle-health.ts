import { statSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec } from "./container-spec.ts";
import type { HealthSpec } from "./health-spec.ts";
import type { ImageFacts } from "./settle-context.ts";

const DEFAULT_INTERVAL = 30e9;
const DEFAULT_TIMEOUT = 30e9;
const DEFAULT_RETRIES = 3;

type ImageCheck = ImageFacts["config"]["Healthcheck"];

/**
 * The health check that a container gets: the user's, else the image's with what the user wants different of it; absent when there is neither.
 *
 * @throws invalid-argument where an option needs a check and there is none
 */
export function settleHealth(spec: ContainerSpec, image: ImageCheck): { readonly health?: HealthSpec } {
  const own = spec.health ?? {};
  const check = settleCheck(own, image);
  const hasCheck = check.test !== undefined;
  if (!hasCheck && own.startup !== undefined)
    throw invalid("cannot set a startup healthcheck when there is no regular healthcheck: invalid argument");
  if (!hasCheck && own.onFailure !== undefined && own.onFailure !== "none")
    throw invalid(`cannot set on-failure action to ${own.onFailure} without a health check`);
  if (!hasCheck && spec.sdnotify === "healthy")
    throw invalid('invalid argument: sdnotify policy "healthy" requires a healthcheck to be set');
  if (own.logDestination !== undefined) requireLogDestination(own.logDestination);
  if (!hasCheck && spec.health === undefined) return {};
  const { startup, onFailure, logDestination, maxLogCount, maxLogSize } = own;
  return {
    health: {
      ...check,
      onFailure: onFailure ?? "none",
      ...(startup === undefined ? {} : { startup }),
      ...(logDestination === undefined ? {} : { logDestination }),
      ...(maxLogCount === undefined ? {} : { maxLogCount }),
      ...(maxLogSize === undefined ? {} : { maxLogSize }),
    },
  };
}

function settleCheck(own: HealthSpec, image: ImageCheck): Pick<HealthSpec, "test" | "interval" | "timeout" | "startPeriod" | "retries"> {
  if (own.test?.[0] === "NONE" && own.interval === undefined) return { test: ["NONE"] };
  const isOwn = own.test !== undefined && own.test.length > 0;
  const test = isOwn ? own.test : image?.Test;
  if (test === undefined || test.length === 0) return {};
  const base = isOwn ? undefined : image;
  return {
    test,
    interval: own.interval ?? (positive(base?.Interval) || DEFAULT_INTERVAL),
    timeout: own.timeout ?? (positive(base?.Timeout) || DEFAULT_TIMEOUT),
    startPeriod: own.startPeriod ?? positive(base?.StartPeriod),
    retries: own.retries ?? (positive(base?.Retries) || DEFAULT_RETRIES),
  };
}

function positive(value: number | undefined): number {
  return value === undefined || value < 0 ? 0 : value;
}

/** A directory that exists, or one of the words. */
export function requireLogDestination(destination: string, doing = "running container create option: "): void {
  if (["local", "events_logger", ""].includes(destination)) return;
  const stat = statSync(destination, { throwIfNoEntry: false });
  if (stat === undefined)
    throw invalid(`${doing}HealthCheck Log '${destination}' destination error: stat ${destination}: no such file or directory`);
  if (!stat.isDirectory()) throw invalid(`${doing}HealthCheck Log '${destination}' destination must be directory`);
}

function invalid(message: string): ToolError {
  return new ToolError("invalid-argument", message);
}
