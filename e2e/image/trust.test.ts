/** Trust: a policy lets in what is signed as it says, and nothing else, before anything is unpacked; signatures are exchanged with the original. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyImage } from "@containers/image/copy/copy-image";
import { memoryReference } from "@containers/image/testing/memory-source";
import { randomImage } from "@containers/image/testing/random-image";
import { parseImageName } from "@containers/image/transports/register";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { originalPath, systemProgram } from "../harness/binaries.ts";
import { type RegistryServer, startRegistry } from "../harness/registry.ts";
import { describeResult } from "../harness/run-command.ts";
import { createWorld, type World } from "../harness/world.ts";

const original = originalPath("skopeo");

describe.skipIf(systemProgram("gpg") === undefined)("signed images", () => {
  let world: World;
  let registry: RegistryServer;
  let fingerprint = "";
  const at = (name: string): string => join(world.directory, "tmp", name);
  const environment = (): Record<string, string> => ({ GNUPGHOME: at("gnupg") });
  const image = (name: string): string => `docker://${registry.address}/${name}`;

  async function gpg(...args: string[]): Promise<string> {
    const result = await world.runProgram("gpg", ["--batch", "--quiet", ...args], { env: environment() });
    expect(result.exitCode, describeResult(result)).toBe(0);
    return result.stdout;
  }

  async function skopeo(tool: string | undefined, ...args: string[]) {
    const all = ["--registries.d", at("registries.d"), "--policy", at("policy.json"), ...args];
    return tool === undefined
      ? await world.run("skopeo", all, { env: environment() })
      : await world.runProgram(tool, all, { env: environment() });
  }

  async function accepted(tool: string | undefined, ...args: string[]): Promise<void> {
    const result = await skopeo(tool, ...args);
    expect(result.exitCode, describeResult(result)).toBe(0);
  }

  function policy(requirement: object, scope = registry.address): void {
    const docker = { [scope]: [requirement] };
    writeFileSync(at("policy.json"), JSON.stringify({ default: [{ type: "insecureAcceptAnything" }], transports: { docker } }));
  }

  const signedBy = (more: object = {}): object => ({ type: "signedBy", keyType: "GPGKeys", keyPath: at("key.gpg"), ...more });

  beforeAll(async () => {
    [world, registry] = await Promise.all([createWorld(), startRegistry()]);
    mkdirSync(at("gnupg"), { mode: 0o700 });
    mkdirSync(at("registries.d"));
    writeFileSync(join(at("registries.d"), "a.yaml"), `docker:\n  ${registry.address}:\n    lookaside: file://${at("lookaside")}\n`);
    for (const name of ["alice", "mallory"]) {
      await gpg("--passphrase", "", "--quick-gen-key", `${name} <${name}@example.com>`, "rsa2048", "sign", "never");
    }
    await gpg("--export", "--output", at("key.gpg"), "alice@example.com");
    fingerprint = /^fpr:+([0-9A-F]+):/m.exec(await gpg("--with-colons", "--list-keys", "alice@example.com"))?.[1] ?? "";
    await copyImage(memoryReference([randomImage({ layers: 2, compressed: true })]), parseImageName(`dir:${at("image")}`));
    await copyImage(memoryReference([randomImage({ layers: 2, compressed: true, seed: 2 })]), parseImageName(`dir:${at("other")}`));
    policy(signedBy());
    for (const [name, from, key] of [
      ["signed:1", "image", "alice@example.com"],
      ["foreign:1", "image", "mallory@example.com"],
      ["unsigned:1", "other", undefined],
    ] as const) {
      const sign = key === undefined ? [] : ["--sign-by", key];
      await accepted(undefined, "copy", "--dest-tls-verify=false", ...sign, `dir:${at(from)}`, image(name));
    }
  });
  afterAll(async () => {
    await world?.runProgram("gpgconf", ["--kill", "all"], { env: environment() });
    await registry?.stop();
    await world?.destroy();
  });

  const copyTo = (name: string, to: string): string[] => ["copy", "--src-tls-verify=false", image(name), `dir:${at(to)}`];

  it("keep the signature of a build until they are pushed", async () => {
    mkdirSync(at("context"));
    writeFileSync(join(at("context"), "Containerfile"), "FROM scratch\nCOPY Containerfile /\n");
    const name = `${registry.address}/built:1`;
    const build = (key: string) =>
      world.run("podman", ["build", "-q", "--sign-by", key, "-t", name, at("context")], { env: environment() });
    expect((await build("nobody@example.com")).stderr).toContain("creating signature");
    expect(await world.podman("images", "-q")).toBe("");
    const built = await build("alice@example.com");
    expect(built.exitCode, describeResult(built)).toBe(0);
    const pushed = await world.run("podman", ["push", "-q", name, `dir:${at("pushed")}`]);
    expect(pushed.exitCode, describeResult(pushed)).toBe(0);
    const verified = await world.run(
      "skopeo",
      ["standalone-verify", join(at("pushed"), "manifest.json"), name, fingerprint, join(at("pushed"), "signature-1")],
      {
        env: environment(),
      },
    );
    expect(verified.exitCode, describeResult(verified)).toBe(0);
    await world.podman("rmi", name);
  });

  it("are let in; their signatures are copied with them", async () => {
    await accepted(undefined, ...copyTo("signed:1", "copy"));
    expect(readdirSync(at("copy"))).toContain("signature-1");
  });

  it.each([
    ["unsigned:1", /A signature was required, but no signature exists/],
    ["foreign:1", /invalid GPG signature: no public key [0-9A-F]+ is trusted/],
  ])("%s is refused with the reason, before anything is copied", async (name, reason) => {
    const result = await skopeo(undefined, ...copyTo(name, `refused-${name.slice(0, 3)}`));
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(reason);
    expect(readdirSync(at(`refused-${name.slice(0, 3)}`))).toEqual(["version"]);
  });

  it("stay as they are with their signatures, and go where those are kept", async () => {
    await accepted(undefined, ...copyTo("signed:1", "as-it-was"), "--format", "v2s2", "--dest-decompress");
    expect(readFileSync(join(at("as-it-was"), "manifest.json"), "utf8")).toBe(readFileSync(join(at("image"), "manifest.json"), "utf8"));
    const layout = ["copy", "--src-tls-verify=false", image("signed:1"), `oci:${at("layout")}:1`];
    const refused = await skopeo(undefined, ...layout);
    expect(refused.stderr).toMatch(/Can not copy signatures to oci:.*: Pushing signatures for OCI images is not supported/);
    await accepted(undefined, ...layout, "--remove-signatures");
    const dumped = await skopeo(undefined, "untrusted-signature-dump-without-verification", join(at("as-it-was"), "signature-1"));
    expect(JSON.parse(dumped.stdout)).toMatchObject({
      UntrustedDockerReference: `${registry.address}/signed:1`,
      UntrustedShortKeyIdentifier: fingerprint.slice(-16),
    });
  });

  it("an altered image is refused, although a signature is beside it", async () => {
    await accepted(undefined, "--insecure-policy", "copy", "--dest-tls-verify=false", `dir:${at("other")}`, image("signed:altered"));
    const [signed] = readdirSync(at("lookaside")).filter((name) => name.startsWith("signed@"));
    const digest = (await world.ok("skopeo", ["manifest-digest", join(at("other"), "manifest.json")])).trim();
    const target = join(at("lookaside"), `signed@${digest.replace(":", "=")}`);
    mkdirSync(target);
    writeFileSync(join(target, "signature-1"), readFileSync(join(at("lookaside"), signed ?? "", "signature-1")));
    const result = await skopeo(undefined, ...copyTo("signed:altered", "refused-altered"));
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/Signature for digest sha256:[0-9a-f]+ does not match/);
  });

  it("the signed name must be the image's, or what the policy makes of it", async () => {
    await accepted(
      undefined,
      "--insecure-policy",
      "copy",
      "--all",
      "--src-tls-verify=false",
      "--dest-tls-verify=false",
      image("signed:1"),
      image("mirror:1"),
    );
    const refused = await skopeo(undefined, ...copyTo("mirror:1", "refused-mirror"));
    expect(refused.stderr).toMatch(/Signature for identity .*\/signed:1.* is not accepted/);
    policy(
      signedBy({
        signedIdentity: { type: "remapIdentity", prefix: `${registry.address}/mirror`, signedPrefix: `${registry.address}/signed` },
      }),
    );
    await accepted(undefined, ...copyTo("mirror:1", "mirror-remapped"));
    policy(signedBy({ signedIdentity: { type: "exactReference", dockerReference: `${registry.address}/signed:1` } }));
    await accepted(undefined, ...copyTo("mirror:1", "mirror-exact"));
    policy(signedBy());
  });

  it("podman pulls and pushes by the same rules, shows and sets them", async () => {
    const env = environment();
    const pull = async (name: string) =>
      await world.run(
        "podman",
        ["pull", "-q", "--tls-verify=false", "--signature-policy", at("policy.json"), `${registry.address}/${name}`],
        { env },
      );
    const home = join(world.directory, "home", ".config", "containers", "registries.d");
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "a.yaml"), readFileSync(join(at("registries.d"), "a.yaml")));
    const refused = await pull("unsigned:1");
    expect(refused.exitCode).toBe(125);
    expect(refused.stderr).toContain("A signature was required, but no signature exists");
    expect(await world.podman("images", "-aq")).toBe("");
    const good = await pull("signed:1");
    expect(good.exitCode, describeResult(good)).toBe(0);
    const push = await world.run(
      "podman",
      [
        "push",
        "-q",
        "--tls-verify=false",
        "--remove-signatures",
        "--sign-by",
        "alice@example.com",
        `${registry.address}/signed:1`,
        image("again:1"),
      ],
      { env },
    );
    expect(push.exitCode, describeResult(push)).toBe(0);
    expect((await pull("again:1")).exitCode).toBe(0);
    await world.podman("image", "trust", "set", "--policypath", at("policy.json"), "--type", "reject", `${registry.address}/unsigned`);
    const shown = await world.podman("image", "trust", "show", "--policypath", at("policy.json"), "--registrypath", at("registries.d"));
    expect(shown.split("\n").map((line) => line.trim().split(/\s{2,}/))).toEqual([
      ["TRANSPORT", "NAME", "TYPE", "ID", "STORE"],
      ["all", "default", "accept"],
      ["repository", registry.address, "signed", "alice@example.com", `file://${at("lookaside")}`],
      ["repository", `${registry.address}/unsigned`, "reject", `file://${at("lookaside")}`],
    ]);
    await world.podman("rmi", "-a", "-f");
  });

  it.skipIf(original === undefined)("the original takes our signatures, and we take its", async () => {
    policy(signedBy());
    await accepted(original, ...copyTo("signed:1", "they-read"));
    const refused = await skopeo(original, ...copyTo("foreign:1", "they-refuse"));
    expect(refused.exitCode).not.toBe(0);
    await accepted(original, "copy", "--dest-tls-verify=false", "--sign-by", fingerprint, `dir:${at("image")}`, image("theirs:1"));
    await accepted(undefined, ...copyTo("theirs:1", "we-read"));
  });
});
