import { ToolError } from "@containers/common/errors/tool-error";
import type { NetworkDefinition, NetworkDefinitionInput } from "@containers/common/network/backend";
import type { Engine } from "../engine/engine.ts";

/** Makes a network; with `ignore`, one that is there already is the answer. */
export function createNetwork(
  engine: Pick<Engine, "networks" | "events">,
  input: NetworkDefinitionInput,
  ignore = false,
): NetworkDefinition {
  if (ignore && input.name !== undefined) {
    const present = engine.networks.list().find((one) => one.name === input.name);
    if (present !== undefined) return present;
  }
  const network = engine.networks.create(input);
  engine.events.write({ type: "network", status: "create", id: network.id, network: network.name, attributes: { driver: network.driver } });
  return network;
}

/** `key=value` texts as a map; a key alone has an empty value. */
export function keyValues(texts: readonly string[], failure: string): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at === 0) throw new ToolError("invalid-argument", `${failure}: invalid label format: "${text}"`);
      return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
