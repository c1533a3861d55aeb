import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { describeError } from "@containers/common/errors/tool-error";
import { parsePlatform } from "@containers/image/local-images/platform";
import type { PullOptions } from "@containers/image/local-images/pull";
import { parsePullPolicy } from "@containers/image/local-images/pull-policy";
import { pullByName } from "../../../images/image-deeds.ts";
import {
  onImages,
  progressOf,
  refuseFlags,
  registryAccess,
  registryFlags,
  retriesOf,
  retryFlagsFor,
  signaturePolicyFlag,
} from "./with-images.ts";

const flags = {
  "all-tags": { type: "bool", short: "a", description: "All tagged images in the repository will be pulled" },
  arch: { type: "string", description: "Use `ARCH` instead of the architecture of the machine for choosing images" },
  ...registryFlags,
  "decryption-key": { type: "stringArray", description: "Key needed to decrypt the image (e.g. /path/to/key.pem)" },
  "disable-content-trust": { type: "bool", description: "This is a Docker specific option and is a NOOP" },
  os: { type: "string", description: "Use `OS` instead of the running OS for choosing images" },
  platform: { type: "string", description: "Specify the platform for selecting the image.  (Conflicts with arch and os)" },
  policy: { type: "string", default: "always", description: 'Pull image policy ("always"|"missing"|"never"|"newer")' },
  quiet: { type: "bool", short: "q", description: "Suppress output information when pulling images" },
  ...retryFlagsFor("pull"),
  variant: { type: "string", description: "Use VARIANT instead of the running architecture variant for choosing images" },
  ...signaturePolicyFlag,
} as const;

/** `podman pull`, `podman image pull`. */
export const imagePullCommand = defineCommand({
  name: "pull",
  summary: "Pull an image from a registry",
  description: `Pulls an image from a registry and stores it locally.

  An image can be pulled by tag or digest. If a tag is not specified, the image with the 'latest' tag is pulled.`,
  usage: "IMAGE [IMAGE...]",
  examples: ["podman image pull imageName", "podman image pull fedora:latest"],
  flags,
  args: { min: 1 },
  run: (invocation) => pull(invocation),
});

async function pull(invocation: Invocation<FlagValues<typeof flags>>): Promise<number | undefined> {
  const { flags: values } = invocation;
  const options: PullOptions = {
    policy: parsePullPolicy(values.policy),
    platform: parsePlatform(values),
  };
  const retries = retriesOf(values);
  return onImages(invocation, {
    local: (work) =>
      pullEach(invocation, async (name) =>
        (await pullByName(work, name, { ...options, ...retriesOf(values, work.engine.config), allTags: values.allTags })).map(
          ({ id }) => id,
        ),
      ),
    remote: async (service) => {
      refuseFlags(invocation, ["decryption-key"]);
      const remote = await import("../../../remote/images/pull.ts");
      const wanted = {
        policy: options.policy,
        allTags: values.allTags,
        ...(options.platform === undefined ? {} : { platform: options.platform }),
        access: registryAccess(invocation),
        retry: values.retry,
        retryDelay: retries.retryDelay === undefined ? undefined : `${retries.retryDelay}ms`,
        progress: progressOf(invocation),
      };
      return pullEach(invocation, (name) => remote.pullImage(service, name, wanted));
    },
  });
}

/** One that fails does not hide the rest; the last failure is the command's. */
async function pullEach(
  { args, out }: Invocation<FlagValues<typeof flags>>,
  pullOne: (name: string) => Promise<readonly string[]>,
): Promise<undefined> {
  const failures: unknown[] = [];
  for (const name of args) {
    try {
      for (const id of await pullOne(name)) out.stdout(`${id}\n`);
    } catch (error) {
      failures.push(error);
    }
  }
  const last = failures.pop();
  for (const failure of failures) out.stderr(`Error: ${describeError(failure)}\n`);
  if (last !== undefined) throw last;
}
