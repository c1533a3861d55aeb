/** Configuration: containers.conf of the distribution, of the system and of the user, and their drop-ins. */
import { it } from "vitest";
import { tour } from "../harness/tour.ts";

tour("configuration", { users: ["root", "rootless"], images: ["base"], ownSystem: true }, ({ type, user }) => {
  it("takes the distribution's settings, then the system's over them", () => type`
    $ cat >> /usr/share/containers/containers.conf <<EOF
    > [containers]
    > env = ["LEVEL=distribution"]
    > pids_limit = 111
    > log_driver = "k8s-file"
    > EOF
    $ podman run --rm --network none base sh -c 'echo $LEVEL'
    distribution
    $ cat > /etc/containers/containers.conf <<EOF
    > [containers]
    > env = ["LEVEL=system"]
    > log_driver = "none"
    > EOF
    $ podman run --rm --network none base sh -c 'echo $LEVEL'
    system
    $ podman info --format '{{.Host.LogDriver}}'
    none
  `);

  it("then drop-ins in the order of their names", () => type`
    $ mkdir /etc/containers/containers.conf.d
    $ printf '[containers]\nenv = ["LEVEL=drop-in 20"]\n' > /etc/containers/containers.conf.d/20-later.conf
    $ printf '[containers]\nenv = ["LEVEL=drop-in 10"]\nhostname = "unused"\n' > /etc/containers/containers.conf.d/10-first.conf
    $ podman run --rm --network none base sh -c 'echo $LEVEL'
    drop-in 20
  `);

  // For root there are but two levels.
  it.skipIf(user === "root")(
    "then the user's, and the user's drop-ins",
    () => type`
    $ mkdir -p .config/containers/containers.conf.d
    $ printf '[containers]\nenv = ["LEVEL=user"]\n[engine]\nimage_default_format = "v2s2"\n' > .config/containers/containers.conf
    $ podman run --rm --network none base sh -c 'echo $LEVEL'
    user
    $ printf '[containers]\nenv = ["LEVEL=%s drop-in", {append = true}]\n' "user's" > .config/containers/containers.conf.d/mine.conf
    $ podman run --rm --network none base sh -c 'echo $LEVEL'
    user's drop-in
    $ podman create --network none --name limited base true
    <id>
    $ podman inspect --format '{{.HostConfig.PidsLimit}} {{.HostConfig.LogConfig.Type}}' limited
    111 none
  `,
  );

  it("then the environment's, and the command line over all", () => type`
    $ printf '[containers]\nenv = ["LEVEL=override"]\n' > override.conf
    $ CONTAINERS_CONF_OVERRIDE=$PWD/override.conf podman run --rm --network none base sh -c 'echo $LEVEL'
    override
    $ podman run --rm --network none --env LEVEL=flag base sh -c 'echo $LEVEL'
    flag
  `);
});
