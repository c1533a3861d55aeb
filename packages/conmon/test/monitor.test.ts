import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AT_FDCWD, O_RDWR, POLLIN, SHUT_WR, SIGCONT, SIGSTOP, SOCK_DGRAM } from "@containers/common/sys/constants";
import { afterEach, expect, it } from "vitest";
import {
  attach,
  cleanUp,
  eventually,
  exitStatus,
  logLines,
  type Monitored,
  monitorEnd,
  readSync,
  type StartOptions,
  startMonitor,
  sys,
} from "./harness.ts";

const running: Monitored[] = [];
afterEach(async () => {
  for (const monitored of running.splice(0)) await cleanUp(monitored);
});

function start(options: StartOptions): Monitored {
  const monitored = startMonitor(options);
  running.push(monitored);
  return monitored;
}

it("detaches, reports the pid, logs, and tells the exit status everywhere", async () => {
  const monitored = start({
    command: "echo out; echo err >&2; printf rest; exit 7",
    args: ["--exit-command", "/bin/sh", "--exit-command-arg", "-c", "--exit-command-arg", "ls exits >cleaned"],
  });
  expect(readSync(monitored)?.data).toBe(Number(readFileSync(join(monitored.dir, "pid"), "utf8")));
  expect(await monitorEnd(monitored)).toBe(0);
  expect(await exitStatus(monitored)).toBe("7");
  expect(readFileSync(join(monitored.dir, "persist/exit"), "utf8")).toBe("7");
  expect(logLines(monitored).sort()).toEqual(["stderr F err", "stdout F out", "stdout P rest"]);
  await eventually(() => existsSync(join(monitored.dir, "cleaned")), "the exit command");
  expect(existsSync(join(monitored.dir, "attach"))).toBe(false);
  expect(Number(readFileSync(join(monitored.dir, "conmon.pid"), "utf8"))).not.toBe(monitored.pid);
});

it.each([
  { env: "_OCI_SYNCPIPE=three", args: [] },
  { env: "_OCI_STARTPIPE=777", args: [] },
  { env: "_OCI_STARTPIPE=", args: [] },
  { env: "NOTHING=", args: ["--exec", "--exec-process-spec", "command", "--exec-attach"] },
])("ends with 1 and starts nothing when a pipe is none: $env $args", async ({ env, args }) => {
  const monitored = start({ command: "exit 0", env: [env], args });
  expect(await monitorEnd(monitored)).toBe(1);
  expect([existsSync(join(monitored.dir, "conmon.pid")), existsSync(join(monitored.dir, "pid"))]).toEqual([false, false]);
});

it("leaves the clean-up to an engine that says so, and does it when that engine has died", async () => {
  for (const engineLives of [true, false]) {
    const monitored = start({
      command: "exit 0",
      args: ["--sync", "--exit-command", "/usr/bin/touch", "--exit-command-arg", "cleaned"],
      env: ["_CONMON_EXIT_LEASE=lease"],
      prepare: (dir) => writeFileSync(join(dir, "lease"), ""),
    });
    const lease = sys.openat2(AT_FDCWD, join(monitored.dir, "lease"), O_RDWR, 0, 0);
    sys.ofdLock(lease, "write", true);
    readSync(monitored);
    await exitStatus(monitored);
    if (engineLives) rmSync(join(monitored.dir, "lease"));
    sys.close(lease);
    await monitorEnd(monitored);
    expect(existsSync(join(monitored.dir, "cleaned"))).toBe(!engineLives);
  }
});

it("stays the caller's child with --sync and ends with the container's status, 128 + n for a signal", async () => {
  const monitored = start({ command: "kill -KILL $$", args: ["--sync"] });
  expect(readSync(monitored)?.data).toBeGreaterThan(0);
  expect(await monitorEnd(monitored)).toBe(137);
  expect(await exitStatus(monitored)).toBe("137");
});

it("reports why there is no container, and still runs the exit command", async () => {
  const monitored = start({
    command: "",
    args: ["--sync", "--exit-command", "/usr/bin/touch", "--exit-command-arg", "cleaned"],
    prepare: (dir) => writeFileSync(join(dir, "command.fails"), 'no "such"\tthing\n'),
  });
  expect(readSync(monitored)).toEqual({ data: -1, message: 'no "such"\tthing\n' });
  expect(await monitorEnd(monitored)).toBe(1);
  expect(existsSync(join(monitored.dir, "cleaned"))).toBe(true);
  expect(existsSync(join(monitored.dir, "exits/container-of-a-test"))).toBe(false);
});

it("reports a failure only when the runtime's own processes have gone: they are in the container's cgroup", async () => {
  const monitored = start({
    command: "",
    args: ["--sync"],
    prepare: (dir) => writeFileSync(join(dir, "runtime"), "#!/bin/sh\nsleep 0.3 & echo $! >orphan; echo no >&2; exit 1\n"),
  });
  expect(readSync(monitored)).toEqual({ data: -1, message: "no\n" });
  expect(existsSync(`/proc/${readFileSync(join(monitored.dir, "orphan"), "utf8").trim()}`)).toBe(false);
  expect(await monitorEnd(monitored)).toBe(1);
});

it("reports a runtime that cannot be executed", async () => {
  const monitored = start({
    command: "",
    args: ["--sync"],
    prepare: (dir) => writeFileSync(join(dir, "runtime"), "#!/no/such/interpreter\n"),
  });
  expect(readSync(monitored)?.data).toBe(-1);
  expect(await monitorEnd(monitored)).toBe(1);
});

it("serves several clients, forwards their input, and ends the container's input with one of them", async () => {
  const monitored = start({ command: 'read line; echo "got $line"; cat >&2; exit 3', args: ["-i"] });
  readSync(monitored);
  const [first, second] = [attach(monitored), attach(monitored)];
  first.send("hello\n");
  expect(first.receive()).toEqual({ stream: 2, text: "got hello\n" });
  expect(second.receive()).toEqual({ stream: 2, text: "got hello\n" });
  second.send("more");
  expect(first.receive()).toEqual({ stream: 3, text: "more" });
  sys.shutdown(second.fd, SHUT_WR);
  expect(await exitStatus(monitored)).toBe("3");
  expect(first.receive()).toBeUndefined();
  for (const client of [first, second]) sys.close(client.fd);
});

it("keeps the input open when told so", async () => {
  const monitored = start({ command: 'read a; read b; echo "$a $b"', args: ["-i", "--leave-stdin-open"] });
  readSync(monitored);
  const first = attach(monitored);
  first.send("one\n");
  sys.close(first.fd);
  const second = attach(monitored);
  second.send("two\n");
  expect(second.receive()).toEqual({ stream: 2, text: "one two\n" });
  sys.close(second.fd);
});

it("holds back input that the container does not read, and loses none of it", async () => {
  const monitored = start({ command: "sleep 0.3; wc -c", args: ["-i"] });
  readSync(monitored);
  const client = attach(monitored);
  const piece = "x".repeat(32768);
  for (let sent = 0; sent < 64; sent++) client.send(piece);
  sys.shutdown(client.fd, SHUT_WR);
  expect(client.receive()?.text.trim()).toBe(String(64 * 32768));
  sys.close(client.fd);
});

it("lets a stalled client go rather than hold the container", { timeout: 30_000 }, async () => {
  const monitored = start({ command: "echo first; until [ -e go ]; do sleep 0.01; done; yes | head -c 8000000" });
  readSync(monitored);
  await eventually(() => logLines(monitored).length > 0, "the first output");
  const stalled = attach(monitored);
  writeFileSync(join(monitored.dir, "go"), "");
  expect(await eventually(() => existsSync(join(monitored.dir, "exits/container-of-a-test")), "the end of the container", 20_000)).toBe(
    true,
  );
  expect(logLines(monitored).filter((line) => line === "stdout F y").length).toBeGreaterThan(3_900_000);
  sys.close(stalled.fd);
});

it("loses nothing on the way to a client that reads slowly", async () => {
  const monitored = start({ command: "read go; seq 1 300000", args: ["-i"] });
  readSync(monitored);
  const client = attach(monitored);
  client.send("go\n");
  const parts: string[] = [];
  await Bun.sleep(300);
  for (let packet = client.receive(); packet !== undefined; packet = client.receive()) parts.push(packet.text);
  expect(parts.join("")).toBe(Array.from({ length: 300_000 }, (_, index) => `${index + 1}\n`).join(""));
  sys.close(client.fd);
});

it("gives all output to a client that connected in time, however late the monitor comes to look", async () => {
  const monitored = start({ command: "until [ -e go ]; do sleep 0.01; done; echo all; exit 2", args: ["--sync"] });
  const pid = readSync(monitored)?.data ?? -1;
  sys.kill(monitored.pid, SIGSTOP);
  const client = attach(monitored);
  writeFileSync(join(monitored.dir, "go"), "");
  await eventually(() => readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "), "the end of the container");
  sys.kill(monitored.pid, SIGCONT);
  expect(client.receive()).toEqual({ stream: 2, text: "all\n" });
  expect(client.receive()).toBeUndefined();
  expect(await monitorEnd(monitored)).toBe(2);
  sys.close(client.fd);
});

it("forwards signals to the container", async () => {
  const monitored = start({ command: 'trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done', args: ["--sync"] });
  readSync(monitored);
  await eventually(() => logLines(monitored).length > 0, "the first output");
  sys.kill(monitored.pid, 15);
  expect(await exitStatus(monitored)).toBe("9");
  await monitorEnd(monitored);
});

it("ends the container at its time limit", async () => {
  const monitored = start({ command: "exec sleep 60", args: ["--sync", "-T", "1"] });
  readSync(monitored);
  expect(await exitStatus(monitored)).toBe("-1");
  expect(await monitorEnd(monitored)).toBe(255);
});

it("has lost nothing of the log when it is killed itself", async () => {
  const monitored = start({ command: "seq 1 1000; exec sleep 60" });
  readSync(monitored);
  await eventually(() => logLines(monitored).length === 1000, "the log");
  sys.kill(Number(readFileSync(join(monitored.dir, "conmon.pid"), "utf8")), 9);
  expect(logLines(monitored).at(-1)).toBe("stdout F 1000");
});

it("starts the log anew when asked through the control fifo, and takes no harm from nonsense", async () => {
  const monitored = start({ command: "echo old; read x; echo new; read y", args: ["-i"] });
  readSync(monitored);
  await eventually(() => logLines(monitored).length === 1, "the first line");
  writeFileSync(join(monitored.dir, "ctl"), "nonsense\n9 9 9\n2 0 0\n");
  await eventually(() => logLines(monitored).length === 0, "the new log");
  const client = attach(monitored);
  client.send("\n");
  await eventually(() => logLines(monitored)[0] === "stdout F new", "the new line");
  sys.close(client.fd);
});

it("makes a short link for clients that cannot use the full path, and removes it at the end", async () => {
  const sockets = mkdtempSync(join(tmpdir(), "sockets-"));
  const monitored = start({ command: "read x", args: ["-i", "--socket-dir-path", sockets], fullAttach: false });
  readSync(monitored);
  expect(readdirSync(sockets)).toEqual(["container-of-a-test"]);
  const client = attach({ ...monitored, dir: join(sockets, "container-of-a-test") });
  client.send("\n");
  expect(client.receive()).toBeUndefined();
  await eventually(() => readdirSync(sockets).length === 0, "the removal of the link");
  sys.close(client.fd);
  rmSync(sockets, { recursive: true });
});

it("relays notifications, as far as they are harmless", async () => {
  const dir = mkdtempSync(join(tmpdir(), "notify-"));
  const host = sys.unixSocket(SOCK_DGRAM);
  sys.bind(host, join(dir, "host"));
  const monitored = start({
    command: "exec sleep 60",
    args: ["--sdnotify-socket", join(dir, "host")],
    prepare: (bundle) => mkdirSync(join(bundle, "notify")),
  });
  readSync(monitored);
  const container = sys.unixSocket(SOCK_DGRAM);
  sys.connect(container, join(monitored.dir, "notify/notify.sock"));
  const message = Buffer.from("MAINPID=1\nREADY=1\nSTATUS=here");
  sys.send(container, message, 0, message.length, 0);
  const buffer = Buffer.alloc(1000);
  expect(sys.poll([{ fd: host, events: POLLIN, revents: 0 }], 5000)).toBe(1);
  expect(buffer.toString("utf8", 0, sys.recv(host, buffer, 0, buffer.length, 0))).toBe("READY=1\nSTATUS=here");
  for (const fd of [host, container]) sys.close(fd);
  rmSync(dir, { recursive: true });
});

it("runs an exec session: attach pipe, release, pid, exit status", async () => {
  const [attachRead, attachWrite] = sys.pipe2(0);
  const [startRead, startWrite] = sys.pipe2(0);
  sys.write(startWrite, Buffer.from("0"), 0, 1);
  for (const fd of [attachWrite, startRead]) sys.setCloseOnExec(fd, false);
  const monitored = start({
    command: "",
    args: ["-e", "--exec-attach", "--exec-process-spec", "spec"],
    env: [`_OCI_ATTACHPIPE=${attachWrite}`, `_OCI_STARTPIPE=${startRead}`],
    prepare: (dir) => writeFileSync(join(dir, "spec"), "echo in exec; exit 4"),
  });
  sys.close(attachWrite);
  sys.close(startRead);
  expect(readSync({ ...monitored, sync: attachRead })).toEqual({ data: 0 });
  const client = attach(monitored);
  expect(existsSync(join(monitored.dir, "pid"))).toBe(false);
  sys.write(startWrite, Buffer.from("0"), 0, 1);
  expect(readSync(monitored)?.data).toBeGreaterThan(0);
  expect(client.receive()?.text).toBe("in exec\n");
  expect(readSync(monitored)).toEqual({ data: 4 });
  for (const fd of [client.fd, attachRead, startWrite]) sys.close(fd);
});
