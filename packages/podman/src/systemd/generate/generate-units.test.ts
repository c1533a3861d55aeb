import { describe, expect, test } from "vitest";
import { containerConfig } from "../../containers/testing/container-config.ts";
import { containerUnit } from "./container-unit.ts";
import type { GenerateOptions } from "./options.ts";
import { podUnit } from "./pod-unit.ts";
import { commandLines, escapeArgument, unitHead } from "./unit-text.ts";

const options: GenerateOptions = {
  name: true,
  new: false,
  template: false,
  header: false,
  containerPrefix: "container",
  podPrefix: "pod",
  separator: "-",
  env: [],
  dependencies: { Wants: [], After: [], Requires: [] },
  executable: "/usr/bin/podman",
  now: new Date(2026, 1, 3, 4, 5, 6),
};

const fresh: GenerateOptions = { ...options, new: true };

function made(...createCommand: string[]) {
  return { ...containerConfig({ name: "web" }), stopTimeout: 10, createCommand: ["podman", ...createCommand] };
}

function unit(config: ReturnType<typeof made>, how: GenerateOptions = fresh): string {
  return containerUnit(config, how, { runRoot: "/run/c" }).text;
}

function start(...createCommand: string[]): string {
  return /ExecStart=(.*?)\nExecStop/s.exec(unit(made(...createCommand)))?.[1]?.replaceAll(" \\\n\t", " ") ?? "";
}

describe("the unit of a container", () => {
  test("that there is", () => {
    expect(unit(made("run", "x"), options)).toBe(`# container-web.service

[Unit]
Description=Podman container-web.service
Documentation=man:podman-generate-systemd(1)
Wants=network-online.target
After=network-online.target
RequiresMountsFor=/run/c

[Service]
Environment=PODMAN_SYSTEMD_UNIT=%n
Restart=on-failure
TimeoutStopSec=70
ExecStart=/usr/bin/podman start web
ExecStop=/usr/bin/podman stop  \\
	-t 10 web
ExecStopPost=/usr/bin/podman stop  \\
	-t 10 web
PIDFile=/r/conmon.pid
Type=forking

[Install]
WantedBy=default.target
`);
  });

  test("that is made anew, with everything that can be asked for", () => {
    const text = unit(made("run", "-d", "--name", "web", "img", "sleep", "1"), {
      ...fresh,
      env: ["A=b c"],
      restartPolicy: "always",
      restartSec: 5,
      startTimeout: 6,
      stopTimeout: 7,
      containerPrefix: "",
      dependencies: { Wants: ["a.service", "b.service"], After: ["c.service"], Requires: ["d.service"] },
    });
    expect(text).toBe(`# web.service

[Unit]
Description=Podman web.service
Documentation=man:podman-generate-systemd(1)
Wants=network-online.target
After=network-online.target
RequiresMountsFor=%t/containers

# User-defined dependencies
Wants=a.service b.service
After=c.service
Requires=d.service

[Service]
Environment=PODMAN_SYSTEMD_UNIT=%n
Environment="A=b c"
Restart=always
RestartSec=5
TimeoutStartSec=6
TimeoutStopSec=67
ExecStart=/usr/bin/podman run \\
	--cidfile=%t/%n.ctr-id \\
	--cgroups=no-conmon \\
	--rm \\
	--sdnotify=conmon \\
	--replace \\
	-d \\
	--name web img sleep 1
ExecStop=/usr/bin/podman stop \\
	--ignore -t 7 \\
	--cidfile=%t/%n.ctr-id
ExecStopPost=/usr/bin/podman rm \\
	-f \\
	--ignore -t 7 \\
	--cidfile=%t/%n.ctr-id
Type=notify
NotifyAccess=all

[Install]
WantedBy=default.target
`);
  });

  test("flags that would stand in the unit's way are left out, of the flags only", () => {
    const given = ["--rm", "--cgroups=split", "--cidfile", "/x", "--restart=always", "-d=false", "img", "sh", "-c", "--rm -d=false"];
    expect(start("--log-level=debug", "run", ...given)).toBe(
      '/usr/bin/podman --log-level=debug run --cidfile=%t/%n.ctr-id --cgroups=no-conmon --rm --sdnotify=conmon -d img sh -c "--rm -d=false"',
    );
  });

  test("readiness is the container's where it asked for that, and the monitor's where nobody was to tell", () => {
    expect(start("run", "-d", "--sdnotify=healthy", "img")).toContain("--rm -d --sdnotify=healthy img");
    expect(start("run", "-d", "--sdnotify", "ignore", "img")).toContain("--rm --sdnotify=conmon -d img");
  });

  test("its restart policy is systemd's then", () => {
    expect(unit(made("run", "--restart=on-failure:5", "img"))).toContain("Restart=on-failure\nStartLimitBurst=5\n");
    expect(unit(made("run", "--restart", "unless-stopped", "img"))).toContain("Restart=always\n");
    expect(() => unit(made("run", "img"), { ...fresh, restartPolicy: "sometimes" })).toThrow("sometimes is not a valid restart policy");
  });

  test("variables of the caller's environment are written out", () => {
    const config = { ...made("run", "-e", "HOME", "-e", "X=1", "img"), env: ["HOME=/my home", "X=1"] };
    expect(unit(config)).toContain('Environment=PODMAN_SYSTEMD_UNIT=%n\nEnvironment="HOME=/my home"\n');
  });

  test("a template names its containers by instance", () => {
    const template = { ...fresh, template: true };
    expect(unit(made("run", "--name=web", "img"), template)).toContain("--name=web-%i img");
    const unnamed = unit(made("run", "img"), template);
    expect(unnamed).toContain("# container-web@.service");
    expect(unnamed).toContain("podman run \\\n\t--name=container-web-%i \\\n");
    expect(unnamed).toContain("Description=Podman container-web.service for %I");
  });

  test("without the command that made it there is nothing to repeat", () => {
    expect(() => unit({ ...made(), createCommand: [] })).toThrow("no create command found");
  });
});

test("the unit of a pod that is made anew", () => {
  const pod = {
    id: "p".repeat(64),
    name: "pod1",
    createdAt: "",
    labels: {},
    hostname: "",
    createCommand: ["podman", "pod", "create", "--name", "pod1", "-p", "8080:80", "--pod-id-file=/x"],
    exitPolicy: "continue" as const,
    shared: [],
    shareParent: true,
    cgroupParent: "",
    cgroupPath: "",
    infraId: "i",
    isCreating: false,
  };
  const text = podUnit(pod, fresh, { runRoot: "/run/c", infra: made(), members: ["container-b", "container-a"] }).text;
  expect(text).toContain(`RequiresMountsFor=/run/c
Wants=container-a.service container-b.service
Before=container-a.service container-b.service

[Service]`);
  expect(text).toContain(`ExecStartPre=/usr/bin/podman pod create \\
	--infra-conmon-pidfile %t/pod-pod1.pid \\
	--pod-id-file %t/pod-pod1.pod-id \\
	--exit-policy=stop \\
	--name pod1 \\
	-p 8080:80 \\
	--replace
ExecStart=/usr/bin/podman pod start \\
	--pod-id-file %t/pod-pod1.pod-id
ExecStop=/usr/bin/podman pod stop \\
	--ignore \\
	--pod-id-file %t/pod-pod1.pod-id  \\
	-t 10
ExecStopPost=/usr/bin/podman pod rm \\
	--ignore \\
	-f \\
	--pod-id-file %t/pod-pod1.pod-id
PIDFile=%t/pod-pod1.pid
Type=forking
`);
});

test("words of command lines", () => {
  expect(["$x", "100%", "a\\b", 'q"x', "two words", "tab\there"].map(escapeArgument)).toEqual([
    "$$x",
    "100%%",
    "a\\\\b",
    '"q\\"x"',
    '"two words"',
    '"tab\\there"',
  ]);
  expect(commandLines(["p", "run", "-d", "img"])).toBe("p run \\\n\t-d img");
  expect(unitHead("n", { ...options, header: true }, { runRoot: "/r", template: false })[2]).toMatch(/^# Tue Feb {2}3 04:05:06 \S+ 2026$/);
});
