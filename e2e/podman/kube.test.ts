/** Kube files: what they ask of pods and containers, what is refused, and what comes out again; as root and rootless. */
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { freePort } from "../harness/registry.ts";
import { createWorld, type World } from "../harness/world.ts";

/** One container that runs a shell script; `more` are further lines of the container, `pod` of the pod's spec. */
const podYaml = (name: string, script: string, { more = "", pod = "", meta = "" } = {}): string => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
${meta}
spec:
${pod}
  containers:
  - name: c
    image: ${baseImage}
    imagePullPolicy: Never
    command: ["sh", "-c", ${JSON.stringify(script)}]
${more}
`;

const kubectl = ["/usr/bin/kubectl", "/usr/local/bin/kubectl"].find((path) => existsSync(path));

describe.each([{ rootless: false }, { rootless: true }])("kube, rootless: $rootless", ({ rootless }) => {
  let world: World;
  const file = (name: string, text: string): string => {
    const path = join(world.directory, name);
    writeFileSync(path, text, { mode: 0o644 });
    return path;
  };
  const podman = (...args: string[]) => world.podman(...args);
  const play = (text: string, ...args: string[]) => world.podman("kube", "play", ...args, file("play.yaml", text));
  /** Plays a pod that ends, and gives what it printed. */
  const output = async (text: string, ...args: string[]): Promise<string> => {
    await play(text, "--replace", ...args);
    await podman("wait", "p-c");
    return podman("logs", "p-c");
  };
  const never = { pod: "  restartPolicy: Never" };

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterEach(async () => {
    await podman("pod", "rm", "-f", "-a", "-t", "0");
  });
  afterAll(async () => {
    await world?.podman("volume", "rm", "-a", "-f");
    await world?.destroy();
  });

  it("names, labels, network and restart of a pod", async () => {
    const port = await freePort();
    const ports = `    ports: [{containerPort: 80, hostPort: ${port}}]`;
    const out = await play(podYaml("p", "sleep 1000", { more: ports, meta: "  labels: {app: web}", pod: "  hostname: h" }));
    const [, podId = "", , containerId = ""] = out.split("\n");
    expect(out).toBe(`Pod:\n${podId}\nContainer:\n${containerId}\n`);
    const [pod] = JSON.parse(await podman("pod", "inspect", "p"));
    expect(pod).toMatchObject({
      Id: podId,
      Name: "p",
      ExitPolicy: "stop",
      Hostname: "h",
      RestartPolicy: "always",
      Labels: { app: "web" },
      InfraConfig: { Networks: ["podman-default-kube-network"], PortBindings: { "80/tcp": [{ HostPort: String(port) }] } },
    });
    const [container] = JSON.parse(await podman("inspect", "p-c"));
    expect(container).toMatchObject({
      Id: containerId,
      Name: "p-c",
      Config: { Hostname: "h", Labels: { app: "web" }, Annotations: { "io.kubernetes.cri-o.SandboxID": pod.InfraContainerID } },
      HostConfig: { RestartPolicy: { Name: "always" } },
    });
    const again = await world.run("podman", ["kube", "play", join(world.directory, "play.yaml")]);
    expect(again).toMatchObject({ exitCode: 125, stderr: expect.stringContaining('name "p" is in use: pod already exists') });
  });

  it("fills variables from maps, secrets, the pod and its resources", async () => {
    const script = "echo $GREETING $PW $NAME $LABEL; echo $(GREETING) $(NOPE)";
    const more = `    env:
    - {name: GREETING, valueFrom: {configMapKeyRef: {name: m, key: greeting}}}
    - {name: PW, valueFrom: {secretKeyRef: {name: s, key: pw}}}
    - {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: LABEL, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
    - {name: NONE, valueFrom: {configMapKeyRef: {name: none, key: k, optional: true}}}`;
    const map = "kind: ConfigMap\nmetadata: {name: m}\ndata: {greeting: hello}\n---\n";
    const secret = "kind: Secret\nmetadata: {name: s}\nstringData: {pw: secret}\n---\n";
    const pod = podYaml("p", script.replace("$(NOPE)", "'$(NOPE)'"), { ...never, more, meta: "  labels: {app: web}" });
    expect(await output(`${map}${secret}${pod}`)).toBe("hello secret p web\nhello $(NOPE)");
    expect(await podman("secret", "ls", "--format", "{{.Name}}")).toBe("s");
    const files = file("maps.yaml", map);
    expect(await output(pod, "--configmap", files)).toBe("hello secret p web\nhello $(NOPE)");
    await podman("secret", "rm", "s");
    const missing = await world.run("podman", ["kube", "play", "--replace", "--configmap", files, file("play.yaml", pod)]);
    expect(missing).toMatchObject({ exitCode: 125, stderr: expect.stringContaining('cannot set env PW: no secret with name or id "s"') });
  });

  it("mounts host paths, maps, secrets, claims and empty directories", async () => {
    const directory = join(world.directory, "made", "here");
    const script = "cat /m/a/b; echo; stat -c %a /m/a/b /s/pw; touch /h/x /e/x /t/x /c/x && (touch /s/x || echo read-only)";
    const mount = (name: string, path: string, more = "") => `    - {name: ${name}, mountPath: ${path}${more}}`;
    const more = `    volumeMounts:\n${[mount("m", "/m"), mount("s", "/s", ", readOnly: true"), mount("h", "/h"), mount("e", "/e"), mount("t", "/t"), mount("c", "/c")].join("\n")}`;
    const pod = `  restartPolicy: Never
  volumes:
  - {name: m, configMap: {name: m, defaultMode: 0440, items: [{key: k, path: a/b}]}}
  - {name: s, secret: {secretName: s}}
  - {name: h, hostPath: {path: ${directory}, type: DirectoryOrCreate}}
  - {name: e, emptyDir: {}}
  - {name: t, emptyDir: {medium: Memory}}
  - {name: c, persistentVolumeClaim: {claimName: claim}}`;
    mkdirSync(join(world.directory, "made"));
    if (world.user !== undefined) chownSync(join(world.directory, "made"), world.user.uid, world.user.gid);
    const before = `kind: ConfigMap\nmetadata: {name: m}\ndata: {k: text}\n---\nkind: Secret\nmetadata: {name: s}\ndata: {pw: cHc=}\n---\nkind: PersistentVolumeClaim\nmetadata: {name: claim, labels: {l: v}}\n---\n`;
    const lines = (await output(`${before}${podYaml("p", script, { pod, more })}`)).split("\n");
    expect(lines.filter((line) => !line.startsWith("touch:"))).toEqual(["text", "440", "644", "read-only"]);
    expect(existsSync(join(directory, "x"))).toBe(true);
    expect(await podman("volume", "inspect", "--format", "{{.Labels}}", "claim")).toBe("map[l:v]");
    const down = await podman("kube", "down", "--force", join(world.directory, "play.yaml"));
    expect(down.split("\n").slice(-4)).toEqual(["Volumes removed:", "claim", "m", "s"]);
    expect(await podman("volume", "ls", "-q")).toBe("");
  });

  it("runs init containers first, and once", async () => {
    const pod = `  restartPolicy: Never
  volumes: [{name: d, emptyDir: {}}]
  initContainers:
  - {name: one, image: "${baseImage}", command: [sh, -c, echo one >> /d/f], volumeMounts: [{name: d, mountPath: /d}]}
  - {name: two, image: "${baseImage}", command: [sh, -c, echo two >> /d/f], volumeMounts: [{name: d, mountPath: /d}]}`;
    const more = "    volumeMounts: [{name: d, mountPath: /d}]";
    expect(await output(podYaml("p", "cat /d/f", { pod, more }))).toBe("one\ntwo");
    expect(await podman("ps", "-a", "--format", "{{.Names}}")).not.toContain("p-one");
    const failing = podYaml("q", "true", { pod: `  initContainers: [{name: i, image: "${baseImage}", command: [sh, -c, exit 3]}]` });
    const result = await world.run("podman", ["kube", "play", file("play.yaml", failing)]);
    expect(result).toMatchObject({ exitCode: 125, stderr: expect.stringMatching(/init container [0-9a-f]{64} exited with code 3/) });
  });

  it("sets user, rights, limits and probes", async () => {
    const more = `    securityContext: {runAsUser: 5, runAsGroup: 6, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
    livenessProbe: {exec: {command: ["true"]}, periodSeconds: 7, failureThreshold: 2}
    stdin: true`;
    await play(podYaml("p", "sleep 1000", { more, pod: "  terminationGracePeriodSeconds: 3" }));
    expect(await podman("exec", "p-c", "id", "-u")).toBe("5");
    const [seen] = JSON.parse(await podman("inspect", "p-c"));
    expect(seen).toMatchObject({
      BoundingCaps: [],
      Config: { User: "5:6", StopTimeout: 3, Healthcheck: { Test: ["CMD", "true"], Interval: 7e9, Timeout: 1e9, Retries: 2 } },
      HostConfig: { ReadonlyRootfs: true },
    });
    expect((await world.run("podman", ["exec", "p-c", "touch", "/x"])).exitCode).toBe(1);
    expect((await world.run("podman", ["exec", "p-c", "touch", "/tmp/x"])).exitCode).toBe(0);
  });

  it("shares what the pod says, and has names of its own without the prefix", async () => {
    const pod =
      "  shareProcessNamespace: true\n  hostAliases: [{ip: 10.1.2.3, hostnames: [far, away]}]\n  dnsConfig: {searches: [example.org]}";
    await play(podYaml("p", "sleep 1000", { pod }), "--no-pod-prefix");
    expect(await podman("exec", "c", "cat", "/etc/hosts")).toMatch(/10\.1\.2\.3\s+far\n10\.1\.2\.3\s+away/);
    expect(await podman("exec", "c", "cat", "/etc/resolv.conf")).toContain("search example.org");
    expect(await podman("exec", "c", "ps")).toContain("catatonit");
  });

  it("waits for the end and takes everything down", async () => {
    const text = `${podYaml("p", "echo done", never)}---\nkind: PersistentVolumeClaim\nmetadata: {name: w}\n`;
    const out = await play(text, "--wait");
    expect(out).toMatch(/^Use ctrl\+c to clean up or wait for pods to exit\nVolumes:\nw\nPod:\n/);
    expect(out).toMatch(
      /Cleaning up containers, pods, and volumes\.\.\.\nPods stopped:\n[0-9a-f]{64}\nPods removed:\n.*\nSecrets removed:\nVolumes removed:\nw$/,
    );
    expect(await podman("ps", "-aq")).toBe("");
  });

  it("generates what it plays", async () => {
    const port = await freePort();
    await podman("pod", "create", "--name", "g", "-p", `${port}:80`, "--add-host", "far:1.2.3.4");
    await podman(
      "create",
      "--pod",
      "g",
      "--name",
      "one",
      "-e",
      "A=b: c",
      "-v",
      "vol:/data",
      "--cap-add",
      "net_admin",
      "-w",
      "/tmp",
      baseImage,
      "sleep",
      "7",
    );
    await podman("create", "--pod", "g", "--name", "two", "--init-ctr", "once", baseImage, "true");
    const path = join(world.directory, `generated-${rootless}.yaml`);
    await podman("kube", "generate", "-f", path, "g");
    const text = readFileSync(path, "utf8");
    for (const line of [
      "    - name: A\n      value: 'b: c'",
      `      hostPort: ${port}`,
      "    - mountPath: /data\n      name: vol-pvc",
      "        - CAP_NET_ADMIN",
      "    workingDir: /tmp",
      "  hostAliases:\n  - hostnames:\n    - far\n    ip: 1.2.3.4",
      '  initContainers:\n  - command:\n    - "true"',
    ])
      expect(text).toContain(line);
    const twice = await world.run("podman", ["kube", "generate", "-f", path, "g"]);
    expect(twice).toMatchObject({ exitCode: 125, stderr: `Error: cannot write to "${path}"; file exists` });
    await podman("pod", "rm", "-f", "g");
    await podman("kube", "play", path);
    expect(await podman("inspect", "--format", "{{.Config.WorkingDir}} {{.Config.Cmd}} {{.Config.Entrypoint}}", "g-one")).toBe(
      "/tmp [] [sleep 7]",
    );
    expect(await podman("exec", "g-one", "sh", "-c", "echo $A")).toBe("b: c");
    const kinds = await podman("kube", "generate", "-s", "vol", "g");
    expect(kinds.match(/^kind: .*/gm)).toEqual(["kind: PersistentVolumeClaim", "kind: Service", "kind: Pod"]);
    const only = await world.run("podman", ["kube", "generate", "nosuch"]);
    expect(only).toMatchObject({ exitCode: 125, stderr: 'Error: name or ID "nosuch" not found' });
  });

  it("refuses what it cannot read or does not know", async () => {
    const refused = async (text: string, ...args: string[]) => {
      const { exitCode, stderr } = await world.run("podman", ["kube", "play", ...args, file("bad.yaml", text)]);
      expect(exitCode).toBe(125);
      return stderr;
    };
    expect(await refused("kind: Nothing\n")).toBe("Error: YAML document does not contain any supported kube kind");
    expect(await refused("kind: ConfigMap\nmetadata: {name: a}\n")).toContain("ConfigMaps in podman are not a standalone object");
    expect(await refused("a: b: c\n")).toContain("multi doc yaml could not be split");
    expect(await refused(podYaml("p", "true"), "--force")).toBe("Error: --force may be specified only with --down");
    const volume = "  volumes: [{name: v, hostPath: {path: /nosuch/path}}]";
    expect(await refused(podYaml("p", "true", { pod: volume }))).toContain('failed to create volume "v": in parsing HostPath in YAML');
    const twice = `  initContainers: [{name: c, image: "${baseImage}"}]`;
    expect(await refused(podYaml("p", "true", { pod: twice }))).toContain('the pod "p" is invalid; duplicate container name "c" detected');
  });

  it.skipIf(kubectl === undefined)("generates what kubectl reads: not installed where this is skipped", async () => {
    await podman("pod", "create", "--name", "k", "-p", `${await freePort()}:80`, "--userns", "host");
    await podman("create", "--pod", "k", "--name", "one", "-v", "kvol:/data", "--memory", "64m", baseImage, "sleep", "7");
    for (const [kind, names] of [
      ["pod", ["persistentvolumeclaim/kvol", "service/k", "pod/k"]],
      ["deployment", ["persistentvolumeclaim/kvol", "service/k", "deployment.apps/k-deployment"]],
      ["daemonset", ["persistentvolumeclaim/kvol", "service/k", "daemonset.apps/k-daemonset"]],
      ["job", ["persistentvolumeclaim/kvol", "service/k", "job.batch/k-job"]],
    ] as const) {
      const path = file(`${kind}.yaml`, await podman("kube", "generate", "-s", "-t", kind, "k", "kvol"));
      const read = await world.runProgram(kubectl ?? "", ["label", "--local", "-f", path, "read=yes", "-o", "name"]);
      expect(read.stdout.split("\n")).toEqual(names);
    }
  });

  it.skipIf(rootless)("applies to a cluster", async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += String(chunk)));
      request.on("end", () => {
        seen.push(`${request.method} ${request.url} ${/^kind: (.*)$/m.exec(body)?.[1]}`);
        response.writeHead(body.includes("refused") ? 409 : 201).end(body.includes("refused") ? "already there" : "{}");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const config = file(
        "kubeconfig",
        `clusters: [{name: c, cluster: {server: "http://127.0.0.1:${port}"}}]\nusers: [{name: u, user: {}}]\n`,
      );
      await podman("create", "--name", "applied", "-p", `${await freePort()}:80`, baseImage);
      const out = await podman("kube", "apply", "--kubeconfig", config, "--ns", "mine", "-s", "applied");
      expect(out).toBe("Deploying to cluster...\nSuccessfully deployed workloads to cluster!");
      expect(seen).toEqual(["POST /api/v1/namespaces/mine/services Service", "POST /api/v1/namespaces/mine/pods Pod"]);
      const refused = await world.run("podman", ["kube", "apply", "-k", config, "-f", file("refused.yaml", podYaml("refused", "true"))]);
      expect(refused).toMatchObject({ exitCode: 125, stderr: "Error: already there" });
      const without = await world.run("podman", ["kube", "apply", "applied"]);
      expect(without).toMatchObject({ exitCode: 125, stderr: "Error: kubeconfig not given, unable to connect to cluster" });
    } finally {
      server.close();
      await podman("rm", "-f", "applied");
    }
  });

  it("copies containers and pods", async () => {
    await podman("pod", "create", "--name", "o", "--label", "a=b");
    await podman("create", "--pod", "o", "--name", "in", "-e", "A=1", baseImage, "sleep", "5");
    await podman("create", "--name", "x", "-e", "A=1", "-v", "vol:/data", "--label", "l=v", "--stop-timeout", "3", baseImage, "sleep", "5");
    const id = await podman("container", "clone", "x");
    expect(await podman("container", "clone", "--destroy", "x", "named")).toMatch(/^[0-9a-f]{64}$/);
    expect((await podman("ps", "-a", "--format", "{{.Names}}")).split("\n")).toEqual(expect.arrayContaining(["x-clone", "named"]));
    const [copy] = JSON.parse(await podman("inspect", id));
    expect(copy).toMatchObject({
      Name: "x-clone",
      Config: { Cmd: ["sleep", "5"], Labels: { l: "v" }, StopTimeout: 3, Env: expect.arrayContaining(["A=1"]) },
      Mounts: [{ Name: "vol", Destination: "/data" }],
    });
    await podman("pod", "clone", "--start", "o", "p2");
    expect(await podman("pod", "inspect", "--format", "{{.State}} {{.Labels}} {{.NumContainers}}", "p2")).toBe("Running map[a:b] 2");
    expect(await podman("exec", "in-clone", "sh", "-c", "echo $A $HOSTNAME")).toBe("1 p2");
    const spec = JSON.parse(await podman("generate", "spec", "named"));
    expect(spec).toMatchObject({
      name: "named-clone",
      command: ["sleep", "5"],
      labels: { l: "v" },
      volumes: [{ Name: "vol", Dest: "/data" }],
    });
    await podman("rm", "-f", "-a", "-t", "0");
  });
});
