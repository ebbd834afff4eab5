package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// The three standard streams and the arguments of a command in a guest: whole, separate, pushed
/// back when nobody reads, and ended from either side.
@Lab(kernels = Guests.LINUX_6_1)
class StreamsIT {

  @Test
  void mebibytesPassUnchangedThroughAllThreeStreams(Host host) throws IOException {
    Host.Result result =
        host.run(
            Scale.of(200, 500),
            """
            cd $TMPDIR; head -c %dM /dev/urandom >in
            $OLDPWD/javisor run -- tee /dev/stderr <in >out 2>err || exit $?
            cmp in out && cmp in err && sha256sum <in >sum && sha256sum <out | cmp - sum
            """
                .formatted(Scale.of(8, 64)));
    Guests.counted(host, "6.1", 1, 1);
    assertEquals(0, result.exitCode(), result::toString);
  }

  /// The file on the other side of the stdin port is larger than all queues on the way, and not
  /// read.
  @Test
  void wordsSurviveAndOutputsMayBeReopenedAndInputLeftUnread(Host host) throws IOException {
    String words =
        "'' 'a  b' \"it's\" 'say \"x\"' '$(false) `false` $HOME \\' \"$lines\" 'naïve 🦆 \t' \"$(printf '\\377\\200')\"";
    Host.Result result =
        host.run(
            200,
            """
            lines='one
            two
            '
            set -- %s
            head -c 4M /dev/zero | ./javisor run -- sh -c '
              echo reopened >/dev/stdout; echo error >/dev/stderr
              printf "<%%s>" "$@"; exec <&-; exit 3' sh "$@" >$TMPDIR/out
            echo "rc=$?"
            { echo reopened; printf '<%%s>' "$@"; } | cmp - $TMPDIR/out || { cat $TMPDIR/out; exit 1; }
            """
                .formatted(words));
    Guests.counted(host, "6.1", 1, 1);
    assertEquals(0, result.exitCode(), result::toString);
    assertEquals("rc=3\n", result.stdout(), result::toString);
    assertEquals("error\n", result.stderr(), result::toString);
  }

  @Test
  void aWriterWithoutEndGetsSigpipeWhenItsReaderGoes(Host host) throws IOException {
    Host.Result result =
        host.run(
            200,
            """
            { ./javisor run -- sh -c 'yes; echo "yes: $?" >&2'; echo "rc=$?" >&2; } | head -1
            """);
    Guests.counted(host, "6.1", 1, 1);
    assertEquals(0, result.exitCode(), result::toString);
    assertEquals("y\n", result.stdout(), result::toString);
    assertEquals("yes: 141\nrc=0\n", result.stderr(), result::toString);
  }

  @Test
  void aScriptOnStandardInputIsRunAndAnEmptyOneBootsNothing(Host host) throws IOException {
    Host.Result result =
        host.run(
            200,
            """
            echo 'uname -s; exit 4' | ./javisor run; echo "rc=$?"
            ./javisor run </dev/null; echo "rc=$?"
            """);
    Guests.counted(host, "6.1", 1, 1);
    assertEquals("Linux\nrc=4\nrc=0\n", result.stdout(), result::toString);
    assertEquals(
        "javisor: standard input is empty: nothing to run, so nothing was booted\n",
        result.stderr());
  }

  /// 90 kB, of which a pipe holds 64 KiB: the machine is gone before the first byte is read.
  @Test
  void aReaderThatReadsNothingForAWholeBootDoesNotChangeTheBoot(Host host) throws IOException {
    Host.Result result =
        host.run(
            500,
            """
            cd $TMPDIR; mkfifo unread; exec 7<>unread
            guest=%s
            $OLDPWD/javisor run --kernel $guest/vmlinuz --initrd $guest/initramfs \\
              --cmdline 'console=ttyS0 ignore_loglevel rdinit=/bin/sh -- -c "seq -w 1 12000; /bin/busybox poweroff -f"' >unread 7<&- &
            n=0 seen=
            while n=$((n + 1)) && [ $n -lt 2000 ]; do
              if grep -qs vcpu /proc/$!/task/*/comm; then seen=1; elif [ "$seen" ]; then break; fi
              sleep 0.2
            done
            [ "$seen" ] && [ $n -lt 2000 ] || { kill -KILL $!; echo "n=$n seen=$seen"; cat /proc/$!/task/*/comm; exit 1; }
            cat <unread 7<&- >boot & cat=$!
            exec 7<&-
            wait $!; wait $cat
            wait %%1; echo "rc=$?"
            grep -c '^[0-9]\\{5\\}' boot; grep -o 'reboot: Power down' boot; grep -o 'Linux version 6.1' boot
            """
                .formatted(Guests.DIRECTORY));
    Guests.counted(host, "6.1", 1, 1);
    assertEquals(0, result.exitCode(), result::toString);
    assertEquals(
        "rc=0\n12000\nreboot: Power down\nLinux version 6.1\n", result.stdout(), result::toString);
    assertTrue(result.stderr().isEmpty(), result::toString);
  }
}
