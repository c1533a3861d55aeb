import { defineCommand } from "@containers/common/cli/define-command";
import { runService } from "../../../service/run-service.ts";
import { engineFor } from "../container/targets.ts";

/** `podman system service`. */
export const serviceCommand = defineCommand({
  name: "service",
  summary: "Run API service",
  description: "Serves Docker's API and libpod's on a socket, until nobody has asked for anything for a while.",
  usage: "[URI]",
  examples: [
    "podman system service --time=0 unix:///tmp/podman.sock",
    "podman system service --time=0 tcp://localhost:8888",
    "podman system service --time=0 --tls-cert=tls.crt --tls-key=tls.key tcp://localhost:8888",
  ],
  flags: {
    cors: { type: "string", default: "", description: "Value of the header Access-Control-Allow-Origin" },
    time: {
      type: "uint",
      short: "t",
      aliases: ["timeout"],
      description: "Seconds without a request until the service ends; 0: never (default 5)",
    },
    "tls-cert": { type: "string", default: "", description: "PEM file with the certificate to serve TLS with" },
    "tls-client-ca": {
      type: "string",
      default: "",
      description: "Serve clients alone whose certificate this authority (PEM file) has signed",
    },
    "tls-key": { type: "string", default: "", description: "PEM file with the private key of the certificate" },
  },
  args: { max: 1 },
  run: async (invocation) => {
    const { flags, args } = invocation;
    const engine = engineFor(invocation);
    await runService(engine, {
      uri: args[0] ?? "",
      cors: flags.cors,
      idleSeconds: flags.time ?? engine.config.engine.serviceTimeout,
      tls: { cert: flags.tlsCert, key: flags.tlsKey, clientCa: flags.tlsClientCa },
    });
    return 0;
  },
});
