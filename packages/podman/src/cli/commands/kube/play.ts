import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { waitContainers } from "../../../containers/lifecycle/wait.ts";
import type { Engine } from "../../../engine/engine.ts";
import { downKube } from "../../../kube/down.ts";
import { playKube } from "../../../kube/play/play-kube.ts";
import { isRemote, onSide } from "../../on-side.ts";
import { engineForImages } from "../container/engine-for-images.ts";
import { registryAccess } from "../image/with-images.ts";
import { playFlags } from "./play-flags.ts";
import { playOptions } from "./play-options.ts";
import { printDown } from "./print-down.ts";
import { printPlay } from "./print-play.ts";
import { readKubeInput } from "./read-input.ts";

type PlayInvocation = Invocation<FlagValues<typeof playFlags>>;

/** `podman kube play`, and `podman play kube`. */
export const kubePlayCommand = defineCommand({
  name: "play",
  summary: "Play a pod or volume based on Kubernetes YAML",
  description: "Makes and starts what a Kubernetes file describes: pods, deployments, daemon sets, jobs, volume claims, secrets.",
  usage: "[KUBEFILE [KUBEFILE...]]|-",
  examples: [
    "podman kube play nginx.yml",
    "cat nginx.yml | podman kube play -",
    "podman kube play --creds user:password --seccomp-profile-root /custom/path apache.yml",
    "podman kube play https://example.com/nginx.yml",
  ],
  flags: playFlags,
  args: { min: 1 },
  run: (invocation) => play(invocation),
});

async function play(invocation: PlayInvocation): Promise<number> {
  const { flags, out } = invocation;
  const options = playOptions(invocation);
  // A credential file that is not there is told before anything is read.
  registryAccess(invocation);
  const text = await readKubeInput(invocation.args);
  if (isRemote(invocation)) return playAtService(invocation, text);
  const engine = engineForImages(invocation);
  if (flags.down) return printDown(await downKube(engine, text, { force: flags.force }), out);
  if (flags.replace) printDown(await downKube(engine, text, { force: flags.force }), out);
  if (flags.wait) return playAndWait(engine, text, invocation);
  const report = await playKube(engine, text, options);
  const code = printPlay(report, out);
  if (report.serviceContainerId !== undefined) {
    const { notifyMainPid } = await import("../../../kube/notify-main-pid.ts");
    notifyMainPid(engine, report.serviceContainerId);
  }
  return code;
}

/** Flags that the service's query has a word for, or that are this command's own. */
const REMOTE_FLAGS = [
  "annotation",
  "down",
  "force",
  "ip",
  "log-driver",
  "log-opt",
  "mac-address",
  "network",
  "no-hosts",
  "no-pod-prefix",
].concat(["no-trunc", "publish", "publish-all", "quiet", "replace", "start", "userns", "authfile", "creds", "tls-verify"]);

function playAtService(invocation: PlayInvocation, text: string): Promise<number> {
  const { flags, given, out } = invocation;
  const other = Object.keys(playFlags).find((flag) => given(flag) && !REMOTE_FLAGS.includes(flag));
  if (other !== undefined) throw new ToolError("unsupported", `--${other} is not supported with the remote podman client`);
  const annotations = Object.fromEntries(flags.annotation.map((one) => [one.split("=")[0] ?? "", one.slice(one.indexOf("=") + 1)]));
  const query = {
    annotations: flags.annotation.length === 0 ? undefined : JSON.stringify(annotations),
    logDriver: flags.logDriver || undefined,
    logOptions: flags.logOpt,
    network: flags.network,
    noHosts: flags.noHosts,
    noPodPrefix: flags.noPodPrefix,
    publishPorts: flags.publish,
    publishAllPorts: flags.publishAll,
    quiet: flags.quiet,
    replace: flags.replace,
    start: flags.start,
    staticIPs: flags.ip,
    staticMACs: flags.macAddress,
    userns: flags.userns || undefined,
  };
  return onSide(invocation, {
    local: () => 125,
    remote: async (service) => {
      const remote = await import("../../../remote/kube/kube.ts");
      if (flags.down) return printDown(await remote.downKube(service, text, flags.force), out);
      return printPlay(await remote.playKube(service, text, { query, access: registryAccess(invocation) }), out);
    },
  });
}

/** Stays until all pods have ended, or somebody interrupts, and then takes everything down. */
async function playAndWait(engine: Engine, text: string, invocation: PlayInvocation): Promise<number> {
  const { out } = invocation;
  out.stdout("Use ctrl+c to clean up or wait for pods to exit\n");
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const report = await playKube(engine, text, { ...playOptions(invocation), service: "none" });
  const code = printPlay(report, out);
  if (report.serviceContainerId !== undefined) await waitContainers(engine, [report.serviceContainerId], { signal: controller.signal });
  out.stdout(`${controller.signal.aborted ? "\n" : ""}Cleaning up containers, pods, and volumes...\n`);
  const taken = printDown(await downKube(engine, text, { force: true }), out);
  return code === 0 ? taken : code;
}
