import { ToolError } from "@containers/common/errors/tool-error";
import type { HealthSpec } from "../../container-spec/health-spec.ts";
import type { KubeContainerYaml, KubeProbe } from "../schema/pod-schema.ts";

const SECOND = 1e9;

/**
 * A probe as a health check; undefined for a probe that says nothing of how to look. It runs inside the container, so `localhost` is where it
 * looks by default.
 *
 * @throws ToolError invalid-argument for the name of a port that the container does not have
 */
export function healthCheckOf(probe: KubeProbe, { ports }: Pick<KubeContainerYaml, "ports">): HealthSpec | undefined {
  const test = testOf(probe, ports);
  return test === undefined ? undefined : { ...timesOf(probe), test };
}

/** Seconds as kubernetes has them by default: every ten seconds, three failures in a row, one second each. */
function timesOf(probe: KubeProbe): Omit<HealthSpec, "test"> {
  const atLeastOne = (value: number | undefined, fallback: number): number => (value === undefined || value < 1 ? fallback : value);
  if ((probe.initialDelaySeconds ?? 0) < 0)
    throw new ToolError("invalid-argument", "healthcheck-start-period must be 0 seconds or greater");
  return {
    interval: atLeastOne(probe.periodSeconds, 10) * SECOND,
    timeout: atLeastOne(probe.timeoutSeconds, 1) * SECOND,
    startPeriod: (probe.initialDelaySeconds ?? 0) * SECOND,
    retries: atLeastOne(probe.failureThreshold, 3),
  };
}

function testOf({ exec, httpGet, tcpSocket }: KubeProbe, ports: KubeContainerYaml["ports"]): readonly string[] | undefined {
  if (exec !== undefined) return ["CMD", ...(exec.command ?? [])];
  if (httpGet !== undefined) {
    const scheme = httpGet.scheme || "http";
    const address = `${scheme}://${httpGet.host || "localhost"}:${portNumber(httpGet.port, ports)}${httpGet.path || "/"}`;
    return ["CMD-SHELL", ...`curl -f ${address} || exit 1`.split(" ")];
  }
  if (tcpSocket === undefined) return undefined;
  return ["CMD-SHELL", ...`nc -z -v ${tcpSocket.host || "localhost"} ${portNumber(tcpSocket.port, ports)} || exit 1`.split(" ")];
}

function portNumber(port: number | string, ports: KubeContainerYaml["ports"]): number {
  if (typeof port === "number") return port;
  if (/^\d+$/.test(port)) return Number(port);
  const named = ports.find(({ name }) => name === port)?.containerPort;
  if (named === undefined) throw new ToolError("invalid-argument", `unknown port: ${port}`);
  return named;
}
