import type { UnitFile } from "../../systemd/unit-file.ts";
import type { QuadletKind } from "../kinds.ts";
import { resourceName } from "../unit-names.ts";
import { invalid, ServiceDraft, type TranslateContext, type Translation } from "./draft.ts";
import { booleanFlags, oneshot, pairFlags, repeatedFlags, valueFlags } from "./flags.ts";

/** The service that makes a network, where it is not there yet. */
export function translateNetwork(unit: UnitFile, kind: QuadletKind, context: TranslateContext): Translation {
  const draft = new ServiceDraft(unit, kind, context);
  const name = resourceName(unit, "Network", "NetworkName");
  if (draft.flag("NetworkDeleteOnStop") === true) draft.addCommand("ExecStopPost", draft.podman("network", "rm", name));
  const create = [
    ...draft.podman("network", "create", "--ignore"),
    ...booleanFlags(draft, [
      ["DisableDNS", "--disable-dns"],
      ["Internal", "--internal"],
      ["IPv6", "--ipv6"],
    ]),
    ...valueFlags(draft, [
      ["Driver", "--driver"],
      ["IPAMDriver", "--ipam-driver"],
      ["InterfaceName", "--interface-name"],
    ]),
    ...repeatedFlags(draft, [["DNS", "--dns"]]),
    ...subnetFlags(draft),
    ...pairFlags(draft, [
      ["Options", "--opt"],
      ["Label", "--label"],
    ]),
    ...draft.words("PodmanArgs"),
    name,
  ];
  draft.addCommand("ExecStart", create);
  oneshot(draft);
  return { service: draft.service, resource: name };
}

/** Gateways and ranges belong to the subnets by their order. */
function subnetFlags(draft: ServiceDraft): string[] {
  const [subnets, gateways, ranges] = [draft.all("Subnet"), draft.all("Gateway"), draft.all("IPRange")];
  if (subnets.length === 0 && gateways.length + ranges.length > 0) throw invalid("cannot set gateway or range without subnet");
  if (gateways.length > subnets.length) throw invalid("cannot set more gateways than subnets");
  if (ranges.length > subnets.length) throw invalid("cannot set more ranges than subnets");
  return subnets.flatMap((subnet, index) => {
    const [gateway, range] = [gateways[index], ranges[index]];
    return [
      "--subnet",
      subnet,
      ...(gateway === undefined ? [] : ["--gateway", gateway]),
      ...(range === undefined ? [] : ["--ip-range", range]),
    ];
  });
}
