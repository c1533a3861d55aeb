import { describe, expect, it } from "vitest";
import { monitorEnvironment } from "./monitor-environment.ts";

describe("monitorEnvironment", () => {
  const env = {
    PATH: "/bin",
    MINE: "1",
    GONE: undefined,
    NOTIFY_SOCKET: "/run/n",
    LISTEN_FDS: "1",
    CONTAINER_HOST: "unix:///s",
    BUN_JSC_useJIT: "1",
    DBUS_SESSION_BUS_ADDRESS: "unix:path=/b",
  };

  it("hands on what the caller has, but for what is meant for this process", () => {
    expect(monitorEnvironment(env, { isOwn: false, rootless: false })).toEqual(["PATH=/bin", "MINE=1"]);
  });

  it("keeps an ordinary user's session", () => {
    expect(monitorEnvironment(env, { isOwn: false, rootless: true })).toContain("DBUS_SESSION_BUS_ADDRESS=unix:path=/b");
  });

  it("tells our own monitor how to stay small", () => {
    const own = monitorEnvironment(env, { isOwn: true, rootless: false });
    expect(own.filter((line) => line.startsWith("BUN_JSC_"))).toHaveLength(3);
  });
});
