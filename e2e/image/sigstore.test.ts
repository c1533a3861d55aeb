/** Sigstore signatures by keys, kept in the registry beside the image: made, required, and exchanged with the original and with cosign. */
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyImage } from "@containers/image/copy/copy-image";
import { type CertificateWish, makeCertificate } from "@containers/image/testing/certificates";
import { makeCosignSignature } from "@containers/image/testing/cosign-signature";
import { memoryReference } from "@containers/image/testing/memory-source";
import { randomImage } from "@containers/image/testing/random-image";
import { parseImageName } from "@containers/image/transports/register";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { originalPath, systemProgram } from "../harness/binaries.ts";
import { type RegistryServer, startRegistry } from "../harness/registry.ts";
import { describeResult } from "../harness/run-command.ts";
import { createWorld, type World } from "../harness/world.ts";

const original = originalPath("skopeo");
const cosign = systemProgram("cosign");

describe("sigstore signatures", () => {
  let world: World;
  let registry: RegistryServer;
  const at = (name: string): string => join(world.directory, "tmp", name);
  const image = (name: string): string => `docker://${registry.address}/${name}`;

  async function skopeo(tool: string | undefined, ...args: string[]) {
    const all = ["--registries.d", at("registries.d"), "--policy", at("policy.json"), ...args];
    return tool === undefined ? await world.run("skopeo", all) : await world.runProgram(tool, all);
  }

  async function accepted(tool: string | undefined, ...args: string[]): Promise<void> {
    const result = await skopeo(tool, ...args);
    expect(result.exitCode, describeResult(result)).toBe(0);
  }

  async function keys(tool: string | undefined, prefix: string): Promise<void> {
    await accepted(tool, "generate-sigstore-key", "--output-prefix", at(prefix), "--passphrase-file", at("passphrase"));
  }

  async function push(tool: string | undefined, name: string, key?: string): Promise<void> {
    const sign = key === undefined ? [] : ["--sign-by-sigstore-private-key", at(key), "--sign-passphrase-file", at("passphrase")];
    await accepted(tool, "copy", "--dest-tls-verify=false", ...sign, `dir:${at(name.replace(/:.*/, ""))}`, image(name));
  }

  async function pull(tool: string | undefined, name: string, key: string) {
    const requirement = { type: "sigstoreSigned", keyPath: at(key) };
    const transports = { docker: { [registry.address]: [requirement] } };
    writeFileSync(at("policy.json"), JSON.stringify({ default: [{ type: "insecureAcceptAnything" }], transports }));
    const target = at(`pulled-${Math.random().toString(36).slice(2)}`);
    return skopeo(tool, "copy", "--src-tls-verify=false", image(name), `dir:${target}`);
  }

  beforeAll(async () => {
    [world, registry] = await Promise.all([createWorld(), startRegistry()]);
    mkdirSync(at("registries.d"));
    writeFileSync(join(at("registries.d"), "a.yaml"), `docker:\n  ${registry.address}:\n    use-sigstore-attachments: true\n`);
    writeFileSync(at("policy.json"), JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }));
    writeFileSync(at("passphrase"), "open sesame\n");
    for (const [seed, name] of ["ours", "theirs", "plain", "cosigned"].entries()) {
      await copyImage(memoryReference([randomImage({ seed: seed + 1, compressed: true })]), parseImageName(`dir:${at(name)}`));
    }
    await keys(undefined, "a");
    await push(undefined, "ours:1", "a.private");
    await push(undefined, "plain:1");
  });
  afterAll(async () => {
    await registry?.stop();
    await world?.destroy();
  });

  it("let an image in by the right key only", async () => {
    await keys(undefined, "b");
    expect(await pull(undefined, "ours:1", "a.pub")).toMatchObject({ exitCode: 0 });
    const stranger = await pull(undefined, "ours:1", "b.pub");
    expect(stranger.exitCode, describeResult(stranger)).toBe(1);
    expect(stranger.stderr).toMatch(/none of the trusted keys/);
    const unsigned = await pull(undefined, "plain:1", "a.pub");
    expect(unsigned.stderr).toMatch(/no signature exists/);
  });

  it("a key is not overwritten, and not opened without its passphrase", async () => {
    const again = await skopeo(undefined, "generate-sigstore-key", "--output-prefix", at("a"), "--passphrase-file", at("passphrase"));
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/Refusing to overwrite existing/) });
    writeFileSync(at("wrong"), "close sesame\n");
    const sign = ["--sign-by-sigstore-private-key", at("a.private"), "--sign-passphrase-file", at("wrong")];
    const closed = await skopeo(undefined, "copy", "--dest-tls-verify=false", ...sign, `dir:${at("plain")}`, image("plain:2"));
    expect(closed).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/the passphrase is wrong/) });
  });

  it.skipIf(original === undefined)("the original takes ours, opens our key, and we do the same with its (needs skopeo)", async () => {
    expect(await pull(original, "ours:1", "a.pub")).toMatchObject({ exitCode: 0 });
    await keys(original, "o");
    await push(original, "theirs:1", "a.private");
    expect(await pull(undefined, "theirs:1", "a.pub")).toMatchObject({ exitCode: 0 });
    await push(undefined, "theirs:2", "o.private");
    expect(await pull(original, "theirs:2", "o.pub")).toMatchObject({ exitCode: 0 });
  });

  it("certificates and a log are judged as the original judges them", async () => {
    const root = makeCertificate({ name: "root", ca: true });
    const log = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const base64 = (text: string): string => Buffer.from(text).toString("base64");
    const issuer = { id: "2b0601040183bf300101", value: Buffer.from("https://id.example") };
    const settings = {
      fulcio: { caData: base64(root.pem), oidcIssuer: "https://id.example", subjectEmail: "me@example.com" },
      rekorPublicKeyData: base64(log.publicKey.export({ type: "spki", format: "pem" }).toString()),
    };
    const own = { pki: { caRootsData: base64(root.pem), subjectHostname: "build.example.com" } };
    const reference = "h.example/a:1";
    const manifest = readFileSync(join(at("plain"), "manifest.json"));
    const judge = async (tool: string | undefined, wish: Omit<CertificateWish, "name">, requirement: object) => {
      const leaf = makeCertificate({ name: "leaf", issuer: root, ...wish });
      const proof = { logged: leaf.pem, certificate: leaf.pem, chain: leaf.pem + root.pem };
      const made = makeCosignSignature({ manifest, reference, key: leaf.privateKey, log: log.privateKey, ...proof });
      writeFileSync(join(at("plain"), "signature-1"), made);
      const signedIdentity = { type: "exactReference", dockerReference: reference };
      writeFileSync(at("policy.json"), JSON.stringify({ default: [{ type: "sigstoreSigned", ...requirement, signedIdentity }] }));
      return skopeo(tool, "copy", "-q", `dir:${at("plain")}`, `dir:${at("judged")}`);
    };
    const past = { notBefore: new Date(Date.now() - 7_200_000), notAfter: new Date(Date.now() - 3_600_000) };
    const cases: ReadonlyArray<readonly [Omit<CertificateWish, "name">, object, RegExp | undefined]> = [
      [{ emails: ["me@example.com"], extensions: [issuer] }, settings, undefined],
      [{ emails: ["you@example.com"], extensions: [issuer] }, settings, /Required email .*me@example.com.* not found/],
      [{ emails: ["me@example.com"], extensions: [issuer], ...past }, settings, /has expired or is not yet valid/],
      [{ emails: ["me@example.com"] }, settings, /missing the issuer extension/],
      [{ hosts: ["*.example.com"] }, own, undefined],
      [{ hosts: ["run.example.com"] }, own, /Unexpected subject hostname/],
    ];
    for (const tool of original === undefined ? [undefined] : [undefined, original]) {
      for (const [wish, requirement, reason] of cases) {
        const result = await judge(tool, wish, requirement);
        expect(result.exitCode, describeResult(result)).toBe(reason === undefined ? 0 : 1);
        if (reason !== undefined) expect(result.stderr).toMatch(reason);
      }
    }
    rmSync(join(at("plain"), "signature-1"));
    writeFileSync(at("policy.json"), JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }));
  });

  it.skipIf(cosign === undefined)("cosign verifies ours, and signs with its own keys for us (needs cosign)", async () => {
    const env = { COSIGN_PASSWORD: "open sesame" };
    const run = async (...args: string[]): Promise<void> => {
      const result = await world.runProgram(cosign ?? "", args, { env });
      expect(result.exitCode, describeResult(result)).toBe(0);
    };
    const plain = ["--allow-http-registry", "--allow-insecure-registry"];
    await run("verify", "--key", at("a.pub"), "--insecure-ignore-tlog=true", ...plain, `${registry.address}/ours:1`);
    await run("generate-key-pair", "--output-key-prefix", at("c"));
    await push(undefined, "cosigned:1", "c.key");
    await run("verify", "--key", at("c.pub"), "--insecure-ignore-tlog=true", ...plain, `${registry.address}/cosigned:1`);
  });
});
