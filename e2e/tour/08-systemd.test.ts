/** systemd: it starts containers and pods, restarts them, is told when they are ready, and hands its sockets over. */
import { it } from "vitest";
import { openSystemdScene, whyNoSystemd } from "../harness/systemd-host.ts";
import { tour } from "../harness/tour.ts";

const machine = {
  images: ["nginx"],
  skip: whyNoSystemd(),
  prepare: openSystemdScene,
  // A systemd that runs in namespaces of another machine may have no controllers to set limits with.
  containersConf: "[containers]\npids_limit = 0\n",
} as const;

tour("systemd", { ...machine, users: ["root", "rootless"] }, ({ type }) => {
  it("starts a container by a unit that podman has written, and again when it was killed", () => type`
    $ podman create --name web --network host --init nginx sleep 1000
    <id>
    $ cd $UNITS && podman generate systemd --new --files --name web 2>/dev/null
    $UNITS/container-web.service
    $ podman rm web
    web
    $ $SYSTEMCTL daemon-reload && $SYSTEMCTL start container-web && $SYSTEMCTL is-active container-web
    active
    $ podman ps --format '{{.Names}} {{.Status}}'
    web Up ...
    $ podman inspect web --format '{{index .Config.Labels "PODMAN_SYSTEMD_UNIT"}}'
    container-web.service
    $ test "$($SYSTEMCTL show -P MainPID container-web)" = "$(podman inspect web --format '{{.State.ConmonPid}}')"
    $ podman kill web
    web
    $ podman ps --format '{{.Names}}' --filter status=running && $SYSTEMCTL show -P NRestarts container-web  # soon
    web
    1
    $ $SYSTEMCTL stop container-web; rm container-web.service; podman ps -aq
  `);

  it("starts a pod with its containers", () => type`
    $ podman pod create --name box
    <id>
    $ podman create --pod box --init --name inside nginx sleep 1000
    <id>
    $ podman generate systemd --new --files --name box 2>/dev/null
    $UNITS/pod-box.service
    $UNITS/container-inside.service
    $ podman pod rm -f box >/dev/null; $SYSTEMCTL daemon-reload; $SYSTEMCTL start pod-box
    $ $SYSTEMCTL is-active pod-box container-inside  # soon
    active
    active
    $ podman pod ps --format '{{.Name}} {{.Status}} {{.NumberOfContainers}}'
    box Running 2
    $ $SYSTEMCTL stop pod-box; podman ps -aq; rm pod-box.service container-inside.service; podman pod ps -q
  `);

  it("keeps a container that is there running: podman start -a", () => type`
    $ podman create --name nginx --network host --init nginx sleep 1000
    <id>
    $ cat > nginx.service <<EOF
    > [Service]
    > ExecStart=$(command -v podman) start -a nginx
    > ExecStop=$(command -v podman) stop -t 2 nginx
    > Restart=always
    > EOF
    $ $SYSTEMCTL daemon-reload; $SYSTEMCTL start nginx
    $ podman ps --format '{{.Names}}'  # soon
    nginx
    $ podman kill nginx
    nginx
    $ podman ps --format '{{.Names}}' && $SYSTEMCTL show -P NRestarts nginx  # soon
    nginx
    1
    $ $SYSTEMCTL stop nginx; rm nginx.service; podman rm -f -t 0 nginx
    nginx
  `);
});

tour("quadlets", { ...machine, users: ["root", "rootless"] }, ({ type }) => {
  it("become services, with the volumes and networks that they name", () => type`
    $ cd $QUADLETS && cat > site.container <<EOF
    > [Container]
    > Image=localhost/nginx
    > PublishPort=127.0.0.1:$PORT:80
    > Volume=html.volume:/srv
    > Network=front.network
    > [Service]
    > Restart=always
    > EOF
    $ echo '[Volume]' > html.volume; echo '[Network]' > front.network
    $ $SYSTEMCTL daemon-reload; $SYSTEMCTL start site; $SYSTEMCTL is-active site html-volume front-network
    active
    active
    active
    $ curl -sI --max-time 2 http://127.0.0.1:$PORT  # soon
    HTTP/1.1 200 OK
    ...
    $ podman ps --format '{{.Names}}'; podman volume ls -q; podman network ls -q --filter name=systemd
    systemd-site
    systemd-html
    systemd-front
    $ podman quadlet list
    NAME UNIT NAME PATH ON DISK STATUS APPLICATION
    front.network front-network.service $QUADLETS/front.network active/exited
    html.volume html-volume.service $QUADLETS/html.volume active/exited
    site.container site.service $QUADLETS/site.container active/running
    $ kill -9 $(podman inspect systemd-site --format '{{.State.Pid}}')
    $ curl -sI --max-time 2 http://127.0.0.1:$PORT  # soon
    HTTP/1.1 200 OK
    ...
    $ podman quadlet rm -f site.container html.volume front.network
    site.container
    html.volume
    front.network
    $ podman ps -aq; podman volume rm systemd-html; podman network rm systemd-front
    systemd-html
    systemd-front
  `);

  it("shares a service's cgroup with the container", () => type`
    $ printf '[Container]\nImage=localhost/nginx\nExec=sleep 1000\nRunInit=yes\n' > split.container
    $ $SYSTEMCTL daemon-reload; $SYSTEMCTL start split
    $ grep -o 'split.service/libpod-payload-[0-9a-f]*' /proc/$(podman inspect systemd-split --format '{{.State.Pid}}')/cgroup
    split.service/libpod-payload-<id>
    $ $SYSTEMCTL stop split; rm split.container; podman ps -aq
  `);

  it("run pods", () => type`
    $ echo '[Pod]' > crew.pod
    $ printf '[Container]\nImage=localhost/nginx\nExec=sleep 1000\nRunInit=yes\nPod=crew.pod\n' > sailor.container
    $ $SYSTEMCTL daemon-reload; $SYSTEMCTL start crew-pod; $SYSTEMCTL is-active crew-pod sailor  # soon
    active
    active
    $ podman ps --format '{{.Names}} {{.PodName}}' --sort names
    systemd-crew-infra systemd-crew
    systemd-sailor systemd-crew
    $ $SYSTEMCTL stop crew-pod; rm crew.pod sailor.container; $SYSTEMCTL daemon-reload; podman ps -aq
  `);

  it("are refused with a word when they are wrong", () => type`
    $ printf '[Container]\nImage=localhost/nginx\nColour=red\n' > wrong.container
    $ QUADLET_UNIT_DIRS=$QUADLETS quadlet -dryrun 2>&1 | grep unsupported
    quadlet-generator[<number>]: converting "wrong.container": unsupported key 'Colour' in group 'Container' in $QUADLETS/wrong.container
    $ rm wrong.container
  `);
});

tour("readiness", { ...machine, users: ["root", "rootless"] }, ({ type }) => {
  it("is told by the monitor", () => type`
    $ cd $UNITS
    $ unit() { printf '[Service]\nType=notify\nNotifyAccess=all\nDelegate=yes\nExecStart=%s run --rm --replace --network host --init -d --name %s %s\n' "$(command -v podman)" $1 "$2" > $1.service; $SYSTEMCTL daemon-reload; $SYSTEMCTL start $1; }
    $ unit mon '--sdnotify=conmon nginx sleep 100'; $SYSTEMCTL is-active mon
    active
    $ test "$($SYSTEMCTL show -P MainPID mon)" = "$(podman inspect mon --format '{{.State.ConmonPid}}')"
  `);

  it("is told by the container", () => type`
    $ time=$SECONDS; unit own "--sdnotify=container nginx perl -MIO::Socket::UNIX -e 'sleep 2; IO::Socket::UNIX->new(Type => SOCK_DGRAM, Peer => \$\${ENV}{NOTIFY_SOCKET})->send(qq(READY=1\\\\nSTATUS=shines)); sleep 100'"; $SYSTEMCTL is-active own; test $((SECONDS - time)) -ge 2
    active
    $ $SYSTEMCTL show -P StatusText own
    shines
  `);

  it("is told when the container is healthy", () => type`
    $ unit fit "--sdnotify=healthy --health-interval=1s --health-cmd 'test -e /tmp/well' nginx sh -c 'sleep 2; touch /tmp/well; sleep 100'"; podman inspect fit --format '{{.State.Health.Status}}'; $SYSTEMCTL is-active fit
    healthy
    active
    $ $SYSTEMCTL stop mon own fit; rm mon.service own.service fit.service; podman rm -fa -t 0 >/dev/null
  `);
});

tour("a user's cgroups", { ...machine, users: ["rootless"] }, ({ type }) => {
  it("hold what is run into a container, also by a service of the system's", () => type`
    $ INVOCATION_ID=1 podman run -d --name inner --network none --init nginx sleep 100
    <id>
    $ INVOCATION_ID=1 podman exec inner echo within; podman inspect inner --format '{{.HostConfig.CgroupManager}} {{.HostConfig.CgroupParent}}'
    within
    systemd user.slice
    $ INVOCATION_ID=1 podman run --rm --network none --cgroups=split nginx sed -n s/^0:://p /proc/self/cgroup
    /
    $ podman rm -f -t 0 inner
    inner
  `);

  it("of a pod go with it", () => type`
    $ podman pod create --name squad --network none >/dev/null; podman pod start squad >/dev/null; slice=$(basename $(podman pod inspect squad --format '{{.CgroupPath}}')); $SYSTEMCTL is-active $slice
    active
    $ podman pod rm -f -t 0 squad >/dev/null
    $ $SYSTEMCTL is-active $slice || true  # soon
    inactive
  `);

  it("are podman's own without a session", () => type`
    $ export DBUS_SESSION_BUS_ADDRESS=unix:path=$PWD/nowhere; podman run -d --name alone --network none --init nginx sleep 100 2>&1 | grep -o 'Falling back.*cgroupfs'
    Falling back to --cgroup-manager=cgroupfs
    $ podman exec alone echo within 2>/dev/null; podman inspect alone --format '{{.HostConfig.CgroupManager}}'
    within
    cgroupfs
    $ podman rm -f -t 0 alone 2>/dev/null; unset DBUS_SESSION_BUS_ADDRESS
    alone
  `);
});

tour("the journal", machine, ({ type }) => {
  it("has entries that are named as the container says", () => type`
    $ word=word$RANDOM$RANDOM; podman run --rm --name scribe --network none --log-driver journald --log-opt tag="$word {{.Name}}" nginx echo written
    written
    $ journalctl -q -o cat "CONTAINER_TAG=$word scribe"  # soon
    written
  `);
});

tour("socket activation", { ...machine, users: ["root", "rootless"] }, ({ type }) => {
  it("hands systemd's sockets to the container", () => type`
    $ cd $UNITS; printf '[Socket]\nListenStream=127.0.0.1:%s\n' $PORT > echo.socket
    $ cat > $QUADLETS/answer.pl <<'EOF'
    > open my $listener, "+<&=3"; accept my $client, $listener; print $client "from inside: $ENV{LISTEN_FDS} socket, pid $ENV{LISTEN_PID}\n";
    > close $client; sleep 100;
    > EOF
    $ cat > $QUADLETS/echo.container <<'EOF'
    > [Container]
    > Image=localhost/nginx
    > Network=none
    > Volume=./answer.pl:/answer.pl
    > Exec=perl /answer.pl
    > EOF
    $ $SYSTEMCTL daemon-reload; $SYSTEMCTL start echo.socket; podman ps -q
    $ timeout 20 bash -c 'exec 3<>/dev/tcp/127.0.0.1/'$PORT'; cat <&3'
    from inside: 1 socket, pid 1
    $ podman rm -f -t 0 systemd-echo
    systemd-echo
    $ $SYSTEMCTL stop echo.socket echo 2>/dev/null; rm echo.socket $QUADLETS/echo.container; $SYSTEMCTL daemon-reload
  `);

  it("passes on descriptors by number", () => type`
    $ echo kept > note; podman run --rm --preserve-fds 2 nginx cat /proc/self/fd/4 3</dev/null 4<note
    kept
    $ podman run --rm --preserve-fd 5 nginx sh -c 'cat <&5; test ! -e /proc/self/fd/3' 5<note
    kept
    $ podman run -d --name open nginx sleep 100
    <id>
    $ podman exec --preserve-fds 1 open cat /proc/self/fd/3 3<note
    kept
    $ podman run --rm --preserve-fds 1 nginx true 3<&-
    Error: file descriptor 3 is not available - the preserve-fds option requires that file descriptors must be passed
    [exit 125]
    $ podman rm -f -t 0 open; rm note
    open
  `);
});

tour("systemd inside", { ...machine, images: [] }, ({ type }) => {
  it("is the first process of a container", () => type`
    $ mkdir upper work root; mount -t overlay -o lowerdir=/,upperdir=$PWD/upper,workdir=$PWD/work overlay root
    $ rm -f root/etc/machine-id root/etc/systemd/system/multi-user.target.wants/* root/etc/systemd/system/sockets.target.wants/*; touch root/etc/machine-id
    $ podman run -d --name machine --systemd=always --network none --rootfs $PWD/root /sbin/init
    <id>
    $ podman exec machine systemctl is-active systemd-journald  # soon
    active
    $ podman exec machine cat /proc/1/comm
    systemd
    $ podman exec machine sh -c 'mkdir /sys/fs/cgroup/mine && rmdir /sys/fs/cgroup/mine'
    $ podman stop -t 20 machine; podman inspect machine --format '{{.State.Status}} {{.State.ExitCode}}'
    machine
    exited <number>
    $ podman rm machine; umount root
    machine
  `);
});
