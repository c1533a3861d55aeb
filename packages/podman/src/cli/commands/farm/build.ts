import { defineCommand, type FlagDefinition, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { loadContainersConf } from "@containers/common/config/containers-conf";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { buildOnFarm, type Home } from "../../../farm/build.ts";
import { type Builder, connectBuilder, serviceBuilder } from "../../../farm/builder.ts";
import { findFarm } from "../../../farm/farms.ts";
import { localBuilder } from "../../../farm/local-builder.ts";
import { localHome } from "../../../farm/local-home.ts";
import { serviceHome } from "../../../farm/service-home.ts";
import { listConnections } from "../../../remote/destinations.ts";
import { podmanBuildFlags } from "../../flags/build-flags.ts";
import { onSide } from "../../on-side.ts";
import { type BuildInvocation, buildHere, buildThere } from "../build.ts";
import { registryAccess } from "../image/with-images.ts";

/** Of `podman build`, but meaningless where the farm decides; the original refuses them by name. */
const FOREIGN = [
  "all-platforms",
  "arch",
  "compress",
  "cw",
  "disable-content-trust",
  "logsplit",
  "manifest",
  "os",
  "output",
  "platform",
  "sign-by",
  "stdin",
  "variant",
] as const;

const flags = {
  ...podmanBuildFlags,
  ...hidden(podmanBuildFlags, FOREIGN),
  cleanup: { type: "bool", description: "Remove built images from farm nodes on success" },
  farm: { type: "string", description: "Farm to use for builds" },
  local: { type: "bool", short: "l", default: true, description: "Build image on local machine as well as on farm nodes" },
  platforms: { type: "stringSlice", description: "Build only on farm nodes that match the given platforms" },
} as const;

type FarmInvocation = Invocation<FlagValues<typeof flags>>;

/** `podman farm build`. */
export const farmBuildCommand = defineCommand({
  name: "build",
  summary: "Build a container image for multiple architectures",
  description:
    "Builds an image on the machines of a farm, pushes the images to the registry of its name, and puts them into a manifest list there and here.",
  usage: "[CONTEXT]",
  examples: [
    "podman farm build -t registry.example.com/me/app .",
    "podman farm build --farm arm --local=false --cleanup -t registry.example.com/me/app .",
  ],
  flags,
  args: { min: 0, max: 1 },
  run: async (invocation) => {
    const { flags: values, given } = invocation;
    const foreign = FOREIGN.find((flag) => given(flag));
    if (foreign !== undefined)
      throw new ToolError("invalid-argument", `${JSON.stringify(foreign)} is an unsupported flag for podman farm build`);
    const [name = ""] = values.tag;
    if (!given("tag")) throw new ToolError("invalid-argument", "cannot create manifest list without a name, value for --tag is required");
    if (!name.includes("/")) throw new ToolError("invalid-argument", `${JSON.stringify(name)} is not a full image reference name`);
    const access = registryAccess(invocation);
    await onSide(invocation, {
      local: (engine) =>
        buildThisOnFarm(invocation, {
          home: localHome(engine, { ...engine.images.registry, ...access }),
          builder: localBuilder(engine, (platform, output) =>
            buildHere(forPlatform(invocation, platform, output.write), engine, output.stdio),
          ),
        }),
      remote: (service) =>
        buildThisOnFarm(invocation, {
          home: serviceHome(service, access),
          builder: serviceBuilder(service, { name: "(local)", isLocal: true }, (at, platform, told) =>
            buildThere(forPlatform(invocation, platform, told), at, told),
          ),
        }),
    });
    return undefined;
  },
});

async function buildThisOnFarm(invocation: FarmInvocation, own: { readonly home: Home; readonly builder: Builder }): Promise<void> {
  const { flags: values, out } = invocation;
  const write = (line: string): void => out.stdout(`${line}\n`);
  const builders = await openBuilders(invocation, own.builder, write);
  try {
    await buildOnFarm({
      ...{ builders, home: own.home, platforms: values.platforms, name: values.tag[0] ?? "" },
      ...{ access: registryAccess(invocation), write, cleanup: values.cleanup, iidFile: values.iidfile },
    });
  } finally {
    for (const builder of builders) builder.close();
  }
}

/** The machines of the farm, all at once; each is told of. */
async function openBuilders(invocation: FarmInvocation, own: Builder, write: (line: string) => void): Promise<readonly Builder[]> {
  const config = loadContainersConf();
  const farm = findFarm(config, invocation.flags.farm ?? "");
  const names = farm?.Connections ?? listConnections(config).map(({ Name }) => Name);
  const opened: Builder[] = [];
  const ways = {
    build: (service: Parameters<typeof buildThere>[1], platform: string, told: (text: string) => void) =>
      buildThere(forPlatform(invocation, platform, told), service, told),
    warn: (line: string) => invocation.out.stderr(`${line}\n`),
  };
  try {
    const results = await Promise.allSettled(
      names.map(async (name) => {
        write(`Connecting to ${JSON.stringify(name)}`);
        opened.push(await connectBuilder(config, name, ways));
        write(`Builder ${JSON.stringify(name)} ready`);
      }),
    );
    for (const result of results) if (result.status === "rejected") throw result.reason;
    if (invocation.flags.local) {
      write("Setting up local builder");
      opened.push(own);
      write("Local builder ready");
    }
    if (opened.length === 0) throw new ToolError("invalid-argument", "no builders configured");
    write(`Farm ${JSON.stringify(farm?.Name ?? "")} ready`);
    return opened.sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch (error) {
    for (const builder of opened) builder.close();
    throw wrapError("initializing", error);
  }
}

/** The same build for one platform, without a name and with its output elsewhere. */
function forPlatform(invocation: FarmInvocation, platform: string, write: (text: string) => void): BuildInvocation {
  const { given, out } = invocation;
  const asText = (bytes: string | Uint8Array): void => write(typeof bytes === "string" ? bytes : Buffer.from(bytes).toString());
  return {
    ...invocation,
    flags: { ...invocation.flags, tag: [], iidfile: undefined, platform: [platform] },
    given: (flag) => flag === "platform" || (flag !== "tag" && flag !== "iidfile" && given(flag)),
    out: { ...out, stdout: asText, stderr: asText, isTerminal: false },
  };
}

function hidden<Flags extends Readonly<Record<string, FlagDefinition>>, const Name extends keyof Flags>(
  from: Flags,
  names: readonly Name[],
): Pick<Flags, Name> {
  return Object.fromEntries(names.map((name) => [name, { ...from[name], hidden: true }])) as unknown as Pick<Flags, Name>;
}
