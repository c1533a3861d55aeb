import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http2 from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAll, streamOf } from "@containers/common/digest/byte-stream";
import { sha256 } from "@containers/common/digest/digest";
import { describeError } from "@containers/common/errors/tool-error";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { chooseDecryptor, chooseEncryption } from "./choose.ts";
import { decryptLayer, encryptLayer } from "./layer-cipher.ts";
import { decryptedType, isEncrypted, plainAnnotations } from "./layer-crypt.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const layer = bytes("what a layer holds ".repeat(500));
let directory = "";
const at = (name: string): string => join(directory, name);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "encryption-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

function writeKeys(name: string, { publicKey, privateKey }: ReturnType<typeof rsaKeys>): void {
  writeFileSync(at(`${name}.pub`), publicKey.export({ type: "spki", format: "pem" }));
  writeFileSync(at(name), privateKey.export({ type: "pkcs8", format: "pem" }));
}

function rsaKeys() {
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}

async function encrypt(recipients: readonly string[]): Promise<{ sealed: Uint8Array; annotations: Readonly<Record<string, string>> }> {
  const choice = await chooseEncryption(recipients, []);
  if (choice === undefined) throw new Error("nothing was chosen");
  const work = choice.encryptor.encrypt(streamOf(layer), sha256(layer));
  return { sealed: await readAll(work.stream, 1 << 20), annotations: await work.annotations() };
}

async function decrypt(of: Awaited<ReturnType<typeof encrypt>>, keys: readonly string[]): Promise<string> {
  const decryptor = await chooseDecryptor(keys);
  const stream = await decryptor?.decrypt(streamOf(of.sealed), of.annotations);
  return Buffer.from(await readAll(stream ?? streamOf(of.sealed), 1 << 20)).toString();
}

describe("a layer's cipher", () => {
  test("gives back what was encrypted", async () => {
    const work = encryptLayer(streamOf(layer), sha256(layer));
    expect(() => work.keys()).toThrow(/before it was encrypted/);
    const sealed = await readAll(work.stream, 1 << 20);
    expect(sealed.length).toBe(layer.length);
    expect(Buffer.from(sealed).equals(layer)).toBe(false);
    const plain = await readAll(decryptLayer(streamOf(sealed), work.keys()), 1 << 20);
    expect(Buffer.from(plain).equals(layer)).toBe(true);
  });

  test("notices one altered byte", async () => {
    const work = encryptLayer(streamOf(layer), sha256(layer));
    const sealed = await readAll(work.stream, 1 << 20);
    sealed[100] = (sealed[100] ?? 0) ^ 1;
    await expect(readAll(decryptLayer(streamOf(sealed), work.keys()), 1 << 20)).rejects.toThrow(/could not properly decrypt/);
  });

  test.each([
    [{ cipher: "ROT13" }, {}, /unsupported cipher type: ROT13/],
    [{}, { symkey: "YQ==" }, /invalid key length of 1 bytes/],
    [{ hmac: "" }, {}, /HMAC is not provided/],
    [{}, { cipheroptions: {} }, /nonce has 0 bytes/],
  ])("refuses halves with %j and %j", async (open, secret, complaint) => {
    const work = encryptLayer(streamOf(layer), sha256(layer));
    await readAll(work.stream, 1 << 20);
    const keys = work.keys();
    const changed = (half: Uint8Array, change: object) => bytes(JSON.stringify({ ...JSON.parse(Buffer.from(half).toString()), ...change }));
    expect(() => decryptLayer(streamOf(layer), { open: changed(keys.open, open), secret: changed(keys.secret, secret) })).toThrow(
      complaint,
    );
  });
});

describe("recipients", () => {
  test("open with RSA and EC keys, each alone and in company", async () => {
    const rsa = rsaKeys();
    writeKeys("rsa", rsa);
    const ec = generateKeyPairSync("ec", { namedCurve: "P-384" });
    writeFileSync(at("ec.pub"), ec.publicKey.export({ type: "spki", format: "pem" }));
    writeFileSync(at("ec"), ec.privateKey.export({ type: "sec1", format: "pem" }));
    const both = await encrypt([`jwe:${at("rsa.pub")}`, `jwe:${at("ec.pub")}`]);
    const alone = await encrypt([`jwe:${at("ec.pub")}`]);
    expect(await decrypt(both, [at("rsa")])).toBe(Buffer.from(layer).toString());
    expect(await decrypt(both, [at("ec")])).toBe(Buffer.from(layer).toString());
    expect(await decrypt(alone, [at("rsa"), at("ec")])).toBe(Buffer.from(layer).toString());
    await expect(decrypt(alone, [at("rsa")])).rejects.toThrow(/no suitable key unwrapper found/);
    writeFileSync(at("text"), "no key at all");
    await expect(decrypt(alone, [at("text")])).rejects.toThrow(/^missing private key needed for decryption$/);
  });

  test("take keys in DER and as JWK, and passphrases in every spelling", async () => {
    const { publicKey, privateKey } = rsaKeys();
    writeFileSync(at("der"), publicKey.export({ type: "spki", format: "der" }));
    writeFileSync(at("jwk"), JSON.stringify({ ...publicKey.export({ format: "jwk" }), alg: "RSA-OAEP-256" }));
    writeFileSync(at("private.jwk"), JSON.stringify(privateKey.export({ format: "jwk" })));
    writeFileSync(at("private.der"), privateKey.export({ type: "pkcs1", format: "der" }));
    writeFileSync(at("locked"), privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open" }));
    writeFileSync(at("passphrase"), "open");
    const sealed = await encrypt([`jwe:${at("der")}`, `jwe:${at("jwk")}`]);
    for (const key of ["private.jwk", "private.der", "locked:open", "locked:pass=open", `locked:file=${at("passphrase")}`])
      expect(await decrypt(sealed, [at(key)])).toBe(Buffer.from(layer).toString());
    await expect(chooseDecryptor([at("locked")])).rejects.toMatchObject({ cause: { message: /Missing password/ } });
    await expect(chooseDecryptor([at("locked:shut")])).rejects.toMatchObject({ cause: { message: /Wrong password/ } });
  });

  test("may be a server's", async () => {
    // Each answer is the request's own secret, in a message of one field; such lengths take two bytes.
    const server = http2.createServer();
    server.on("stream", (stream: http2.ServerHttp2Stream, headers) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const request = JSON.parse(/\{.*\}/s.exec(Buffer.concat(chunks).toString())?.[0] ?? "");
        const answer =
          headers[":path"] === "/keyprovider.KeyProviderService/WrapKey"
            ? { keywrapresults: { annotation: request.keywrapparams.optsdata } }
            : { keyunwrapresults: { optsdata: request.keyunwrapparams.annotation } };
        const json = Buffer.from(JSON.stringify({ ...answer, filler: "x".repeat(100) }));
        const message = Buffer.concat([Buffer.from([0x0a, (json.length & 0x7f) | 0x80, json.length >> 7]), json]);
        const head = Buffer.alloc(5);
        head.writeUInt32BE(message.length, 1);
        stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.end(Buffer.concat([head, message]));
      });
    });
    await new Promise<void>((done) => server.listen(at("socket"), done));
    try {
      writeFileSync(at("config"), JSON.stringify({ "key-providers": { far: { grpc: `unix:${at("socket")}` } } }));
      vi.stubEnv("OCICRYPT_KEYPROVIDER_CONFIG", at("config"));
      const sealed = await encrypt(["provider:far:a=b"]);
      expect(await decrypt(sealed, ["provider:far"])).toBe(Buffer.from(layer).toString());
    } finally {
      server.close();
    }
  });

  test("may be a program's", async () => {
    writeFileSync(
      at("provider"),
      `#!/bin/sh
read -r request
case "$request" in *'"op":"keywrap"'*) echo "{\\"keywrapresults\\":{\\"annotation\\":$(echo "$request" | grep -o '"optsdata":"[^"]*"' | head -1 | cut -d: -f2)}}";;
*) echo "{\\"keyunwrapresults\\":{\\"optsdata\\":$(echo "$request" | grep -o '"annotation":"[^"]*"' | cut -d: -f2)}}";; esac
`,
    );
    chmodSync(at("provider"), 0o755);
    const providers = { mine: { cmd: { path: at("provider") } }, far: { grpc: "unix:/nowhere" } };
    writeFileSync(at("config"), JSON.stringify({ "key-providers": providers }));
    vi.stubEnv("OCICRYPT_KEYPROVIDER_CONFIG", at("config"));
    const sealed = await encrypt(["provider:mine:a=b"]);
    expect(Object.keys(sealed.annotations)).toContain("org.opencontainers.image.enc.keys.provider.mine");
    expect(await decrypt(sealed, ["provider:mine"])).toBe(Buffer.from(layer).toString());
    const failure = await encrypt(["provider:far"]).catch((error: unknown) => describeError(error));
    expect(failure).toMatch(/key provider far: calling the server at unix:\/nowhere/);
    await expect(chooseEncryption(["provider:nobody"], [])).rejects.toMatchObject({ cause: { message: /no key provider nobody/ } });
  });

  test.each([
    [["key.pem"], [], /Invalid recipient format/],
    [["rot13:key.pem"], [], /protocol not recognized/],
    [["jwe:/nowhere"], [], /Unable to read file \/nowhere/],
    [["pkcs11:/nowhere"], [], /pkcs11 keys are not supported/],
  ])("%j are refused", async (recipients, layers, complaint) => {
    await expect(chooseEncryption(recipients, layers)).rejects.toMatchObject({ cause: { message: complaint } });
  });

  test("need indices that are numbers, and keys with them", async () => {
    await expect(chooseEncryption([], ["0"])).rejects.toThrow(/can only be used with --encryption-key/);
    await expect(chooseEncryption(["jwe:/nowhere"], ["x"])).rejects.toThrow(/parsing "x": invalid syntax/);
  });
});

test("what is encrypted shows in type and annotations", () => {
  expect(isEncrypted("application/vnd.oci.image.layer.v1.tar+gzip+encrypted")).toBe(true);
  expect(decryptedType("application/vnd.oci.image.layer.v1.tar+encrypted")).toBe("application/vnd.oci.image.layer.v1.tar");
  expect(plainAnnotations({ "org.opencontainers.image.enc.pubopts": "x", mine: "y" })).toEqual({ mine: "y" });
});
