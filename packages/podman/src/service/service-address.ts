import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../engine/engine.ts";
import type { Address, TlsOptions } from "./http/listener.ts";

export interface ServiceAddressOptions {
  /** `unix:///path`, `tcp://host:port`; empty: what systemd hands over, else the usual path. */
  readonly uri: string;
  /** Paths of PEM files; empty where there is none. */
  readonly tls: { readonly cert: string; readonly key: string; readonly clientCa: string };
}

/** First descriptor that is handed over at socket activation. */
const FIRST_PASSED_FD = 3;

/**
 * Where to listen, ready to be bound: an old socket file is gone and the directory is there. The variables of socket activation are removed, so
 * that containers do not inherit them.
 */
export function claimAddress(engine: Engine, { uri, hasTls }: { readonly uri: string; readonly hasTls: boolean }): Address {
  const wanted = uri || process.env.PODMAN_SOCKET || "";
  const passed = passedSockets();
  for (const name of ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"]) delete process.env[name];
  if (wanted === "") {
    if (passed === undefined) return unixAddress(defaultSocketPath(engine));
    if (passed !== 1)
      throw new ToolError("invalid-argument", `wrong number of file descriptors for socket activation protocol (${passed} != 1)`);
    return { kind: "fd", fd: FIRST_PASSED_FD };
  }
  if (wanted.startsWith("unix:"))
    return passed === undefined ? unixAddress(wanted.replace(/^unix:(\/\/)?/, "")) : { kind: "fd", fd: FIRST_PASSED_FD };
  if (wanted.startsWith("tcp:")) {
    if (!hasTls)
      engine.warn(
        "Using the Podman API service with TCP sockets without TLS is not recommended, please see `podman system service` manpage for details",
      );
    return tcpAddress(wanted);
  }
  if (/^fd:(\/\/)?\d+$/.test(wanted)) return { kind: "fd", fd: Number(/\d+$/.exec(wanted)?.[0]) };
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(wanted)?.[1] ?? "";
  throw new ToolError(
    "invalid-argument",
    `API Service endpoint scheme ${JSON.stringify(scheme)} is not supported. Try tcp://${wanted} or unix://${wanted}`,
  );
}

/** How many descriptors were handed to this very process; undefined without socket activation. */
function passedSockets(): number | undefined {
  const count = Number(process.env.LISTEN_FDS ?? "");
  if (!Number.isInteger(count) || count < 1) return undefined;
  const pid = process.env.LISTEN_PID;
  // Entering the user namespace starts this program anew under the same number, or as a child of it.
  return pid === undefined || Number(pid) === process.pid || Number(pid) === process.ppid ? count : undefined;
}

function defaultSocketPath({ rootless }: Engine): string {
  return rootless
    ? `${process.env.XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.() ?? 0}`}/podman/podman.sock`
    : "/run/podman/podman.sock";
}

function unixAddress(text: string): Address {
  if (text === "") throw new ToolError("invalid-argument", "unix:// is an invalid socket destination");
  const path = resolve(decodeURIComponent(text));
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
  return { kind: "unix", path };
}

/** `tcp://host:port`, `tcp:host:port`, `tcp://:port`. */
function tcpAddress(text: string): Address {
  const match = /^tcp:(?:\/\/)?(?:\[([^\]]+)\]|([^:/]*)):(\d{1,5})\/?$/.exec(text);
  const port = Number(match?.[3]);
  const bare = /^tcp:(?:\/\/)?([^:/[\]]+)\/?$/.exec(text)?.[1];
  if (bare !== undefined)
    throw new ToolError("invalid-argument", `unable to create socket ${bare}: listen tcp: address ${bare}: missing port in address`);
  if (match === null || port > 65535) throw new ToolError("invalid-argument", `${text} is an invalid socket destination`);
  return { kind: "tcp", host: match[1] ?? (match[2] || "0.0.0.0"), port };
}

/** The PEM texts; undefined without TLS. */
export function readTls({ cert, key, clientCa }: ServiceAddressOptions["tls"]): TlsOptions | undefined {
  if (cert !== "" && key === "") throw new ToolError("invalid-argument", "--tls-cert provided without --tls-key");
  if (key !== "" && cert === "") throw new ToolError("invalid-argument", "--tls-key provided without --tls-cert");
  if (cert === "") {
    if (clientCa !== "") throw new ToolError("invalid-argument", "--tls-client-ca provided without --tls-cert");
    return undefined;
  }
  const tls = { cert: readPem(cert), key: readPem(key), ...(clientCa === "" ? {} : { clientCa: readPem(clientCa) }) };
  checkPem(tls, clientCa);
  return tls;
}

function readPem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (isMissing) throw new ToolError("not-found", `failed to start API service: open ${path}: no such file or directory`);
    throw new ToolError("unavailable", `open ${path}: cannot be read`, { cause: error });
  }
}

/** Says what is wrong with the files in words that help, which the TLS library has not. */
function checkPem({ cert, key, clientCa }: TlsOptions, clientCaPath: string): void {
  const kindsOf = (text: string): string[] => [...text.matchAll(/^-----BEGIN ([^-]+)-----$/gm)].map((match) => match[1] ?? "");
  const refuse = (what: string): never => {
    throw new ToolError("invalid-argument", what);
  };
  const certKinds = kindsOf(cert);
  const keyKinds = kindsOf(key);
  if (certKinds.length === 0) refuse("tls: failed to find any PEM data in certificate input");
  if (!certKinds.includes("CERTIFICATE"))
    refuse(
      certKinds.length === 1 && certKinds[0]?.endsWith("PRIVATE KEY") === true
        ? "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched"
        : `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${certKinds.join(" ")}]`,
    );
  if (keyKinds.length === 0) refuse("tls: failed to find any PEM data in key input");
  if (!keyKinds.some((kind) => kind.endsWith("PRIVATE KEY")))
    refuse("tls: found a certificate rather than a key in the PEM for the private key");
  if (clientCa === undefined) return;
  const caKinds = kindsOf(clientCa);
  if (caKinds.length === 0) refuse(`client CA ${clientCaPath}: non-PEM data found`);
  const other = caKinds.find((kind) => kind !== "CERTIFICATE");
  if (other !== undefined) refuse(`client CA ${clientCaPath}: non-certificate type \`${other}\` PEM data found`);
}
