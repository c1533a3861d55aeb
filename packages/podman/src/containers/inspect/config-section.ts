import { signalName } from "@containers/common/sys/signals";
import type { ContainerConfig } from "../config.ts";
import { shownAnnotations } from "../prepare/annotations.ts";
import { compact, listOrNull, nilWhereAbsent, orNull } from "./compact.ts";
import { healthSection } from "./health-section.ts";
import { startedEnvironment } from "./started-environment.ts";

export function configSection(config: ContainerConfig): Record<string, unknown> {
  const section = compact({
    Hostname: config.hostname,
    Domainname: "",
    User: config.user,
    AttachStdin: config.attach.includes("stdin"),
    AttachStdout: config.attach.includes("stdout"),
    AttachStderr: config.attach.includes("stderr"),
    Tty: config.tty,
    OpenStdin: config.stdin,
    StdinOnce: false,
    Env: environment(config),
    Cmd: listOrNull(config.command),
    Image: config.imageName,
    Volumes: null,
    WorkingDir: config.workdir,
    Entrypoint: listOrNull(config.entrypoint),
    OnBuild: null,
    Labels: orNull(config.labels),
    Annotations: orNull(shownAnnotations(config)),
    StopSignal: signalName(config.stopSignal),
    ...healthSection(config.health),
    CreateCommand: config.createCommand.length === 0 ? undefined : config.createCommand,
    SystemdMode: config.systemd ? true : undefined,
    Umask: config.umask.padStart(4, "0"),
    Secrets: secretsSection(config),
    Timeout: config.timeout,
    StopTimeout: config.stopTimeout,
    Passwd: config.passwd,
    sdNotifyMode: config.sdnotify || undefined,
    ExposedPorts: exposedPorts(config),
    ChrootDirs: config.chrootDirs,
    Timezone: config.timezone === "" ? undefined : config.timezone,
  });
  return nilWhereAbsent(section, ["Healthcheck", "StartupHealthCheck"]);
}

/** What the container's program has, or had, once it was started: HOME, HOSTNAME and the like too. What secrets say is not told. */
function environment(config: ContainerConfig): readonly string[] {
  const entries = startedEnvironment(config.staticDir) ?? config.env;
  const secret = new Set(config.secrets.filter(({ type }) => type === "env").map(({ source, target }) => target ?? source));
  if (secret.size === 0) return entries;
  return entries.map((entry) => {
    const name = entry.slice(0, Math.max(0, entry.indexOf("=")));
    return secret.has(name) ? `${name}=*******` : entry;
  });
}

/** Only those that are files; `compact` drops the key when there is none. */
function secretsSection({ secrets }: ContainerConfig) {
  const files = secrets.filter(({ type }) => type === "mount");
  if (files.length === 0) return undefined;
  return files.map(({ source, id, uid, gid, mode }) => ({ Name: source, ID: id ?? "", UID: uid ?? 0, GID: gid ?? 0, Mode: mode ?? 0o444 }));
}

function exposedPorts(config: ContainerConfig): Record<string, object> | undefined {
  const published = config.network.ports.flatMap((port) =>
    Array.from({ length: port.range }, (_, offset) => `${port.container_port + offset}/${port.protocol}`),
  );
  const all = [...new Set([...config.network.exposed, ...published])];
  return all.length === 0 ? undefined : Object.fromEntries(all.map((port) => [port, {}]));
}
