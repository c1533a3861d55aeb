/** Encrypted images: made and opened by ours and by the original, in every way of wrapping keys, and used by every command that pulls. */
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCertificate } from "@containers/image/testing/certificates";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { originalPath, systemProgram } from "../harness/binaries.ts";
import { describeResult } from "../harness/run-command.ts";
import { createWorld, type World } from "../harness/world.ts";

const original = originalPath("skopeo");
const gpg = systemProgram("gpg") !== undefined && systemProgram("gpg-agent") !== undefined;

describe("encrypted images", () => {
  let world: World;
  let plain = "";
  const at = (name: string): string => join(world.directory, "tmp", name);
  const env = (): Record<string, string> => ({ GNUPGHOME: at("gpg") });

  async function copy(tool: string | undefined, ...args: string[]) {
    const words = ["--insecure-policy", "copy", "-q", ...args];
    return tool === undefined ? await world.run("skopeo", words, { env: env() }) : await world.runProgram(tool, words, { env: env() });
  }

  async function copied(tool: string | undefined, ...args: string[]): Promise<void> {
    const result = await copy(tool, ...args);
    expect(result.exitCode, describeResult(result)).toBe(0);
  }

  const digestOf = async (layout: string): Promise<string> => JSON.parse(await world.skopeo("inspect", `oci:${at(layout)}:1`)).Digest;

  beforeAll(async () => {
    world = await createWorld();
    for (const name of ["one", "two"]) writeFileSync(at(name), name);
    for (const name of ["one", "two"]) {
      const made = await world.runProgram("tar", ["-cf", at(`${name}.tar`), "-C", at(""), name]);
      expect(made.exitCode, describeResult(made)).toBe(0);
    }
    await copied(undefined, `tarball:${at("one.tar")}:${at("two.tar")}`, `oci:${at("plain")}:1`);
    plain = await digestOf("plain");
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFileSync(at("ec.pub"), ec.publicKey.export({ type: "spki", format: "pem" }));
    writeFileSync(at("ec.pem"), ec.privateKey.export({ type: "pkcs8", format: "pem" }));
    const rsa = makeCertificate({ name: "me", keyType: "rsa" });
    writeFileSync(at("rsa.pub"), rsa.publicKey.export({ type: "spki", format: "pem" }));
    writeFileSync(at("rsa.pem"), rsa.privateKey.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(at("rsa.crt"), rsa.pem);
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    writeFileSync(at("other.pem"), other.export({ type: "pkcs8", format: "pem" }));
    await copied(undefined, "--encryption-key", `jwe:${at("ec.pub")}`, `oci:${at("plain")}:1`, `oci:${at("sealed")}:1`);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  it("open with the right key only, and give back the very image", async () => {
    const { layers } = JSON.parse(await world.skopeo("inspect", "--raw", `oci:${at("sealed")}:1`));
    for (const { mediaType, annotations } of layers) {
      expect(mediaType).toBe("application/vnd.oci.image.layer.v1.tar+gzip+encrypted");
      expect(Object.keys(annotations)).toEqual(["org.opencontainers.image.enc.keys.jwe", "org.opencontainers.image.enc.pubopts"]);
    }
    await copied(undefined, "--decryption-key", at("ec.pem"), `oci:${at("sealed")}:1`, `oci:${at("opened")}:1`);
    expect(await digestOf("opened")).toBe(plain);
    const wrong = await copy(undefined, "--decryption-key", at("other.pem"), `oci:${at("sealed")}:1`, `oci:${at("never")}:1`);
    expect(wrong.exitCode).toBe(1);
    expect(wrong.stderr).toMatch(/decrypting layer sha256:.*no suitable key unwrapper found or none of the private keys could be used/);
    const both = await copy(
      undefined,
      "--encryption-key",
      "jwe:x",
      "--decryption-key",
      "y",
      `oci:${at("sealed")}:1`,
      `oci:${at("never")}:1`,
    );
    expect(both.stderr).toContain("--encryption-key and --decryption-key cannot be specified together");
  });

  it("hold single layers that are encrypted, and stay as they are without a key", async () => {
    await copied(undefined, "--encryption-key", `jwe:${at("ec.pub")}`, "--encrypt-layer=-1", `oci:${at("plain")}:1`, `oci:${at("last")}:1`);
    const { layers } = JSON.parse(await world.skopeo("inspect", "--raw", `oci:${at("last")}:1`));
    expect(layers.map(({ mediaType }: { mediaType: string }) => mediaType.endsWith("+encrypted"))).toEqual([false, true]);
    await copied(undefined, `oci:${at("last")}:1`, `dir:${at("kept")}`);
    expect(JSON.parse(await world.skopeo("inspect", "--raw", `dir:${at("kept")}`)).layers).toEqual(layers);
    for (const [args, complaint] of [
      [["--encryption-key", `jwe:${at("ec.pub")}`, "--encrypt-layer", "2"], "layer index 2 out of range (2 layers exist)"],
      [["--encryption-key", `jwe:${at("ec.pub")}`, "--format", "v2s2"], "which does not support encryption"],
      [["--encryption-key", `jwe:${at("ec.pub")}`, "--preserve-digests"], "Instructed to preserve digests"],
    ] as const) {
      expect((await copy(undefined, ...args, `oci:${at("plain")}:1`, `dir:${at("refused")}`)).stderr).toContain(complaint);
    }
  });

  it("come into the store with a key", async () => {
    const refused = await world.run("podman", ["pull", "-q", `oci:${at("sealed")}:1`]);
    expect(refused.exitCode).toBe(125);
    expect(refused.stderr).toContain("--decryption-key");
    const key = ["--decryption-key", at("ec.pem")];
    const id = (await world.podman("pull", "-q", ...key, `oci:${at("sealed")}:1`)).trim();
    await world.podman("push", "-q", "--encryption-key", `jwe:${at("rsa.pub")}`, id, `oci:${at("pushed")}:1`);
    await world.podman("rmi", id);
    expect((await world.buildah("pull", "-q", "--decryption-key", at("rsa.pem"), `oci:${at("pushed")}:1`)).trim()).toBe(id);
    await world.podman("rmi", id);
    writeFileSync(at("Containerfile"), `FROM oci:${at("sealed")}:1\nLABEL a=b\n`);
    mkdirSync(at("context"));
    await world.podman("build", "-q", ...key, "-f", at("Containerfile"), "-t", "localhost/built", at("context"));
    await world.buildah("push", "-q", "--encryption-key", `jwe:${at("ec.pub")}`, "localhost/built", `oci:${at("built")}:1`);
    const container = (await world.podman("create", "-q", ...key, `oci:${at("built")}:1`, "/one")).trim();
    expect(await world.podman("inspect", "--format", "{{.Config.Labels.a}}", container)).toBe("b");
  });

  describe.skipIf(original === undefined)("with the original (there is none on this machine)", () => {
    const ways = [
      { name: "an EC key", recipients: () => [`jwe:${at("ec.pub")}`], keys: () => [at("ec.pem")], usesGpg: false },
      { name: "a certificate", recipients: () => [`pkcs7:${at("rsa.crt")}`], keys: () => [at("rsa.pem"), at("rsa.crt")], usesGpg: false },
      {
        name: "several keys",
        recipients: () => [`jwe:${at("ec.pub")}`, `jwe:${at("rsa.pub")}`, `pkcs7:${at("rsa.crt")}`],
        keys: () => [at("rsa.pem")],
        usesGpg: false,
      },
      { name: "a key of gpg's", recipients: () => ["pgp:me@example.com"], keys: () => [at("gpg.secret")], usesGpg: true },
    ];

    beforeAll(async () => {
      if (!gpg) return;
      mkdirSync(at("gpg"), { mode: 0o700 });
      const generate = ["--batch", "--passphrase", "", "--quick-gen-key", "me@example.com", "rsa2048", "encr,sign", "never"];
      const made = await world.runProgram("gpg", generate, { env: env() });
      expect(made.exitCode, describeResult(made)).toBe(0);
      await world.runProgram("gpg", ["--batch", "--output", at("gpg.secret"), "--export-secret-keys"], { env: env() });
      await world.runProgram("gpgconf", ["--kill", "gpg-agent"], { env: env() });
    });

    it.each(ways.filter(({ usesGpg }) => gpg || !usesGpg))("exchange with $name", async ({ name, recipients, keys }) => {
      const to = recipients().flatMap((recipient) => ["--encryption-key", recipient]);
      const from = keys().flatMap((key) => ["--decryption-key", key]);
      const label = name.replaceAll(/\W/g, "");
      for (const [seal, open] of [
        [undefined, original],
        [original, undefined],
        [undefined, undefined],
      ] as const) {
        const place = `${label}-${seal === undefined ? "ours" : "theirs"}-${open === undefined ? "ours" : "theirs"}`;
        await copied(seal, ...to, `oci:${at("plain")}:1`, `oci:${at(place)}:1`);
        await copied(open, ...from, `oci:${at(place)}:1`, `oci:${at(`${place}-opened`)}:1`);
        expect(await digestOf(`${place}-opened`)).toBe(plain);
      }
    });
  });
});
