import { execFileSync } from "node:child_process";

/** What netavark makes on a machine: interfaces, namespaces, and what of the firewall names a container or its network. */
export function surroundings(): { readonly interfaces: readonly string[]; readonly namespaces: readonly string[]; readonly rules: number } {
  const rules = execFileSync("nft", ["list", "ruleset"], { encoding: "utf8" }).split("\n");
  return {
    interfaces: execFileSync("ip", ["-o", "link"], { encoding: "utf8" })
      .split("\n")
      .flatMap((line) => /^\d+: ([^:@]+)/.exec(line)?.[1] ?? [])
      .filter((name) => /^(podman|veth)/.test(name)),
    namespaces: execFileSync("ls", ["/run/netns"], { encoding: "utf8" })
      .split("\n")
      .filter((line) => line !== ""),
    rules: rules.filter((line) => /10\.89\.|8080|net1/.test(line)).length,
  };
}
