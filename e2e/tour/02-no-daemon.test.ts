/** No daemon: between commands there is one monitor per container and nothing else of ours, and nothing else's death matters. */
import { it } from "vitest";
import { tour } from "../harness/tour.ts";

tour("no daemon", { users: ["root", "rootless"], images: ["base"] }, ({ type }) => {
  it("leaves one conmon per container between commands", () => type`
    $ podman run -d --network none --name one base sleep 1000
    <id>
    $ podman run -d --network none --name two base sleep 1000
    <id>
    $ pgrep -lf "$WORLD"
    <number> conmon
    <number> conmon
    $ for name in one two; do ps -o comm= -p $(ps -o ppid= -p $(podman inspect --format '{{.State.Pid}}' $name)); done
    conmon
    conmon
  `);

  it("makes the container as podman's own child, until conmon takes it", () => type`
    # A runtime that says whose child it is, before it makes the container
    $ cat > watched-runtime <<EOF
    > #!/bin/bash
    > case " \$* " in *" create "*) for ((p = \$PPID; p > 1 && n++ < 9; p = \$(ps -o ppid= -p \$p))); do echo \$(ps -o pid=,comm= -p \$p); done > $HOME/parents ;; esac
    > exec $(command -v crun || command -v runc) "\$@"
    > EOF
    $ chmod +x watched-runtime
    $ podman --runtime $HOME/watched-runtime run --rm --network none base true & wait $!; podman=$!
    $ grep -w "$podman" parents
    $podman podman
  `);

  it("lets the others live on when a monitor or a podman is killed, and tells the truth", () => type`
    # Nobody would read what it writes, nor how it ends
    $ kill -9 $(podman inspect --format '{{.State.ConmonPid}}' one)
    $ podman ps --format '{{.Names}} {{.State}}' --sort names
    two running
    $ podman ps --all --format '{{.Names}} {{.State}}' --sort names
    one exited
    two running
    $ timeout -s KILL 1 podman run --network none --name three base sleep 1000
    <shell> Killed <command>
    [exit 137]
    $ podman ps --format '{{.Names}} {{.State}}' --sort names
    three running
    two running
    $ kill -9 $(podman inspect --format '{{.State.Pid}}' three)
    $ podman ps --all --format '{{.Names}} {{.State}}' --sort names  # soon
    one exited
    three exited
    two running
    $ podman stop -t 0 two
    two
    $ podman ps --all --format '{{.Names}} {{.State}} {{.ExitCode}}' --filter name=two
    two exited 137
    $ podman rm -f -t 0 one two three
    one
    two
    three
    $ pgrep -lf "$WORLD"  # soon
    [exit 1]
  `);
});
