import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { authFilePaths, primaryAuthFile } from "./auth-paths.ts";
import { parseLoginKey, storeCredentials } from "./login.ts";
import { removeAllCredentials, removeCredentials } from "./logout.ts";
import { lookupCredentials } from "./lookup.ts";

const variables = ["HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "PATH"];
const saved = new Map<string, string | undefined>();
let home = "";

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "auth-"));
  for (const name of variables) saved.set(name, process.env[name]);
  for (const name of variables.slice(2, 5)) delete process.env[name];
  mkdirSync(join(home, "run"));
  process.env["HOME"] = home;
  process.env["XDG_RUNTIME_DIR"] = join(home, "run");
});
afterEach(() => {
  for (const [name, value] of saved) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(home, { recursive: true });
});

const auth = (user: string, password: string): { auth: string } => ({ auth: Buffer.from(`${user}:${password}`).toString("base64") });

function write(path: string, contents: unknown): string {
  const full = join(home, path);
  mkdirSync(join(full, ".."), { recursive: true });
  writeFileSync(full, JSON.stringify(contents));
  return full;
}

describe("look-up", () => {
  test("the most specific key wins", async () => {
    write("run/containers/auth.json", {
      auths: { "r.example": auth("host", "1"), "r.example/team": auth("team", "2"), "r.example/team/x": auth("repo", "3") },
    });
    expect((await lookupCredentials("r.example/team/x"))?.username).toBe("repo");
    expect((await lookupCredentials("r.example/team/y"))?.username).toBe("team");
    expect(await lookupCredentials("r.example/other")).toEqual({ username: "host", password: "1" });
    expect(await lookupCredentials("s.example/other")).toBeUndefined();
  });

  test("falls back to docker's file, its URL keys and its names for docker.io", async () => {
    write(".docker/config.json", { auths: { "https://index.docker.io/v1/": auth("d", "p:with:colons") } });
    expect(await lookupCredentials("docker.io/library/busybox")).toMatchObject({ username: "d", password: "p:with:colons" });
    write(".config/containers/auth.json", { auths: { "docker.io": auth("c", "x") } });
    expect((await lookupCredentials("docker.io"))?.username).toBe("c");
  });

  test("reads .dockercfg by host alone", async () => {
    write(".dockercfg", { "https://r.example/v1/": auth("old", "x") });
    expect((await lookupCredentials("r.example/team/x"))?.username).toBe("old");
  });

  test("a file named by flag or variable is the only one asked", async () => {
    write("run/containers/auth.json", { auths: { "r.example": auth("default", "1") } });
    const named = write("named.json", { auths: {} });
    expect(await lookupCredentials("r.example", { authFile: named })).toBeUndefined();
    process.env["REGISTRY_AUTH_FILE"] = named;
    expect(await lookupCredentials("r.example")).toBeUndefined();
    expect(authFilePaths().map((file) => file.path)).toEqual([named]);
  });

  test("explicit credentials and anonymity win over files", async () => {
    write("run/containers/auth.json", { auths: { "r.example": auth("default", "1") } });
    expect((await lookupCredentials("r.example", { credentials: { username: "u", password: "p" } }))?.username).toBe("u");
    expect(await lookupCredentials("r.example", { anonymous: true })).toBeUndefined();
  });

  test("identity tokens, empty entries and broken files", async () => {
    write("run/containers/auth.json", { auths: { "t.example": { ...auth("u", ""), identitytoken: "tok" }, "e.example": {} } });
    expect((await lookupCredentials("t.example"))?.identityToken).toBe("tok");
    expect(await lookupCredentials("e.example")).toBeUndefined();
    writeFileSync(join(home, "run/containers/auth.json"), '{"auths": {"x": {"auth": "c2VjcmV0"');
    await expect(lookupCredentials("x.example")).rejects.toThrow(/not valid JSON/);
    await expect(lookupCredentials("x.example")).rejects.not.toThrow(/c2VjcmV0/);
  });

  test.each(["https://r.example", "r.example/x@sha256:1", "r.example/x:tag"])("refuses the key %s", async (key) => {
    await expect(lookupCredentials(key)).rejects.toThrow(/contains/);
  });
});

describe("login and logout", () => {
  const secret = { username: "u", password: "pä:ss" };

  test("writes mode 0600, keeps what it does not know, and takes it back", async () => {
    const path = write("run/containers/auth.json", { auths: { "other.example": auth("o", "1") }, psFormat: "x" });
    chmodSync(path, 0o644);
    expect(await storeCredentials("r.example/team", secret)).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ psFormat: "x", auths: { "other.example": {}, "r.example/team": {} } });
    expect(await lookupCredentials("r.example/team/x")).toMatchObject(secret);
    expect(await removeCredentials("r.example/team")).toBe(true);
    expect(await removeCredentials("r.example/team")).toBe(false);
    expect((await lookupCredentials("other.example"))?.username).toBe("o");
    await removeAllCredentials();
    expect(await lookupCredentials("other.example")).toBeUndefined();
  });

  test("makes the directory", async () => {
    await storeCredentials("r.example", secret, { access: { authFile: join(home, "a/b/auth.json") } });
    expect(statSync(join(home, "a/b")).mode & 0o777).toBe(0o700);
  });

  test("docker's format keys docker.io by URL and refuses namespaces", async () => {
    const dockerConfig = write(".docker/config.json", { auths: {}, HttpHeaders: { a: "b" } });
    await storeCredentials("docker.io", secret, { dockerConfig });
    expect(JSON.parse(readFileSync(dockerConfig, "utf8"))).toEqual({
      auths: { "https://index.docker.io/v1/": auth("u", "pä:ss") },
      HttpHeaders: { a: "b" },
    });
    await expect(storeCredentials("r.example/x", secret, { dockerConfig })).rejects.toThrow(/namespaced/);
    expect(await removeCredentials("docker.io", { dockerConfig })).toBe(true);
  });

  test("uses credential helpers of auth.json", async () => {
    const bin = join(home, "bin");
    mkdirSync(bin);
    const store = join(home, "store");
    writeFileSync(
      join(bin, "docker-credential-fake"),
      `#!/bin/sh\ncase $1 in store) cat > ${store};; get) if [ -f ${store} ]; then cat ${store}; else echo "credentials not found in native keychain"; exit 1; fi;; erase) rm ${store};; list) echo '{}';; esac\n`,
      { mode: 0o755 },
    );
    process.env["PATH"] = `${bin}:${process.env["PATH"]}`;
    write("run/containers/auth.json", { credHelpers: { "r.example": "fake" } });
    expect(await lookupCredentials("r.example/x")).toBeUndefined();
    expect(await storeCredentials("r.example", secret)).toBe("credential helper: fake");
    expect(readFileSync(join(home, "run/containers/auth.json"), "utf8")).not.toContain('auth"');
    expect(await lookupCredentials("r.example/x")).toMatchObject(secret);
    expect(await removeCredentials("r.example")).toBe(true);
    expect(existsSync(store)).toBe(false);
  });

  test("keys", () => {
    expect(parseLoginKey("https://r.example:5000/v2/")).toEqual({ key: "r.example:5000", registry: "r.example:5000" });
    expect(parseLoginKey("r.example/team/x")).toEqual({ key: "r.example/team/x", registry: "r.example" });
    expect(parseLoginKey("r.example/team/x", false)).toEqual({ key: "r.example", registry: "r.example" });
    expect(() => parseLoginKey("r.example/team/x:1")).toThrow(/tag or digest/);
  });

  test("paths", () => {
    expect(primaryAuthFile()).toEqual({ path: join(home, "run/containers/auth.json"), named: false });
    process.env["XDG_RUNTIME_DIR"] = join(home, "absent");
    expect(() => primaryAuthFile()).toThrow(/XDG_RUNTIME_DIR/);
    process.env["XDG_RUNTIME_DIR"] = "";
    expect(primaryAuthFile().path).toBe(`/run/containers/${process.getuid?.()}/auth.json`);
  });
});
