import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { destinationUri } from "../../../remote/destination-uri.ts";
import { addConnection } from "../../../remote/destinations.ts";

const flags = {
  default: { type: "bool", short: "d", description: "Make it the default" },
  farm: { type: "string", short: "f", hidden: true, description: "Add it to this farm" },
  identity: { type: "string", description: "SSH identity file" },
  port: { type: "int", short: "p", default: 22, description: "Port of ssh" },
  "socket-path": { type: "string", description: "Path of the service's socket on its machine" },
  "tls-ca": { type: "string", description: "Certificates of authorities, in PEM" },
  "tls-cert": { type: "string", description: "Client certificate, in PEM" },
  "tls-key": { type: "string", description: "Key of the client certificate, in PEM" },
} as const;

/** `podman system connection add`. */
export const connectionAddCommand = defineCommand({
  name: "add",
  summary: "Record destination for the Podman service",
  description: `Gives a service a name. The destination is one of
    [user@]hostname (ssh)
    ssh://[user@]hostname[:port][/path] (asks the machine where its service listens, without a path)
    tcp://hostname:port (not secured without TLS)
    unix://path (absolute)`,
  usage: "NAME DESTINATION",
  examples: [
    "podman system connection add laptop server.example.com",
    "podman system connection add --identity ~/.ssh/dev_rsa testing ssh://root@server.example.com:2222",
    "podman system connection add debug tcp://localhost:8080",
  ],
  flags,
  args: { min: 2, max: 2 },
  needsUserNamespace: false,
  run: (invocation) => add(invocation),
});

async function add({ flags: values, args, given, out }: Invocation<FlagValues<typeof flags>>): Promise<undefined> {
  const [name = "", place = ""] = args;
  const destination = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(place) ? place : `ssh://${place}`;
  const scheme = destination.slice(0, destination.indexOf("://")).toLowerCase();
  refuseFlags(scheme, given);
  const uri = await destinationUri(destination, {
    socketPath: given("socket-path") ? values.socketPath : undefined,
    port: given("port") ? values.port : undefined,
    identity: values.identity,
    warn: (message) =>
      out.stderr(`time="${new Date().toISOString().replace(/\.\d+Z$/, "Z")}" level=warning msg=${JSON.stringify(message)}\n`),
  });
  addConnection(
    name,
    {
      URI: uri,
      ...(values.identity ? { Identity: values.identity } : {}),
      ...(values.tlsCert ? { TLSCert: values.tlsCert } : {}),
      ...(values.tlsKey ? { TLSKey: values.tlsKey } : {}),
      ...(values.tlsCa ? { TLSCA: values.tlsCa } : {}),
    },
    { isDefault: values.default, ...(values.farm === undefined ? {} : { farm: values.farm }) },
  );
  return undefined;
}

/** Flags that mean nothing with this kind of destination. */
function refuseFlags(scheme: string, given: (flag: string) => boolean): void {
  const useless = [
    ...(scheme === "tcp" ? ["socket-path", "identity"] : ["tls-cert", "tls-key", "tls-ca"]),
    ...(scheme === "unix" ? ["identity"] : []),
  ];
  const flag = useless.find(given);
  if (flag !== undefined) throw new ToolError("invalid-argument", `--${flag} option not supported for ${scheme} scheme`);
  if (given("tls-cert") !== given("tls-key"))
    throw new ToolError("invalid-argument", "--tls-cert and --tls-key options must be both provided if one is provided");
}
