import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { PortMapping } from "@containers/common/network/port-mapping";
import type { Engine } from "../../../engine/engine.ts";
import { resolveContainer } from "../../../locks/with-container-lock.ts";
import { onSide } from "../../on-side.ts";
import { latestFlag, oneContainer, oneReference, requireNoArguments } from "./targets.ts";

const flags = { ...latestFlag, all: { type: "bool", short: "a", description: "Of all running containers" } } as const;

/** `podman port`. */
export const portCommand = defineCommand({
  name: "port",
  summary: "List the published ports of a container",
  description: "Lists a container's published ports, or looks one up.",
  usage: "CONTAINER [PORT]",
  examples: ["podman port --all", "podman port ctrID 80/tcp"],
  flags,
  args: { max: 2 },
  run: (invocation) => port(invocation),
});

async function port(invocation: Invocation<FlagValues<typeof flags>>): Promise<undefined> {
  const { flags: values, args, out } = invocation;
  if (values.all && values.latest) throw new ToolError("invalid-argument", "--all and --latest cannot be used together");
  if (values.all) {
    requireNoArguments(args, values);
    const running = await onSide<ReadonlyArray<{ readonly id: string; readonly ports: readonly PortMapping[] }>, unknown>(invocation, {
      local: (engine) => engine.state.containers.list({ statuses: ["running", "paused"] }),
      remote: async (service) => (await import("../../../remote/containers/list.ts")).listContainers(service, {}),
    });
    for (const { id, ports } of running)
      for (const line of portLines(ports)) out.stdout(`${id.slice(0, 12)}\t${line.port} -> ${line.host}\n`);
    return undefined;
  }
  const wanted = wantedPort(values.latest ? args[0] : args[1]);
  const missing = "you must supply a running container name or id";
  const ports = await onSide(invocation, {
    local: (engine) => portsOf(engine, oneContainer(engine, values.latest ? [] : args.slice(0, 1), { latest: values.latest, missing })),
    remote: async (service) => (await import("../../../remote/containers/list.ts")).portsOf(service, oneReference(args, missing)),
  });
  const lines = portLines(ports);
  if (wanted === undefined) {
    for (const line of lines) out.stdout(`${line.port} -> ${line.host}\n`);
    return undefined;
  }
  const found = lines.filter((line) => line.port === wanted);
  if (found.length === 0 && lines.length > 0)
    throw new ToolError("not-found", `failed to find published port ${JSON.stringify(values.latest ? args[0] : args[1])}`);
  for (const { host } of found) out.stdout(`${host}\n`);
  return undefined;
}

/** `80` or `80/udp` as lines have it. @throws invalid-argument for what is no port */
function wantedPort(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  const [number = "", protocol = "tcp", ...more] = text.split("/");
  if (more.length > 0) throw new ToolError("invalid-argument", `port formats are port/protocol. '${text}' is invalid`);
  if (!/^\d+$/.test(number))
    throw new ToolError("invalid-argument", `strconv.ParseUint: parsing ${JSON.stringify(number)}: invalid syntax`);
  if (Number(number) > 65535)
    throw new ToolError("invalid-argument", `strconv.ParseUint: parsing ${JSON.stringify(number)}: value out of range`);
  return `${Number(number)}/${protocol}`;
}

function portsOf(engine: Engine, reference: string): readonly PortMapping[] {
  const { config } = resolveContainer(engine, reference);
  const { mode } = config.network;
  // A container of a pod is reached through the infra container's ports.
  const lender = config.podId !== "" && mode.kind === "container" ? engine.state.containers.get(mode.container)?.config : undefined;
  return (lender ?? config).network.ports;
}

/** One line per port: ranges are spelled out. */
function portLines(ports: readonly PortMapping[]): Array<{ port: string; host: string }> {
  return ports.flatMap(({ range, host_ip, host_port, container_port, protocol }) =>
    Array.from({ length: range }, (_, offset) => ({
      port: `${container_port + offset}/${protocol}`,
      host: `${host_ip === "" ? "0.0.0.0" : host_ip}:${host_port + offset}`,
    })),
  );
}
